"""`cadran accounts`, and waiting until every projection has passed the last record."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Final, NamedTuple

import typer

from cli import context
from services.etp import settings as etp
from services.etp.database import build_database as build_etp_database
from services.modulation import settings as modulation
from services.modulation.database import build_database as build_modulation_database
from shared.database.outbox import is_sent, last_row
from shared.database.pool import Database
from shared.database.positions import list_positions
from shared.kafka.cluster import end_offsets
from shared.settings import ServiceSettings

POLL_SECONDS: Final = 0.1
ACCOUNT_COLUMNS: Final = (
    "service",
    "topic",
    "partition",
    "first_offset",
    "next_offset",
    "applied",
    "stale",
    "not_for_us",
    "rejected",
    "compacted",
    "redelivered",
)


def register(app: typer.Typer) -> None:
    """Add the command to `app`."""

    @app.command()
    def accounts(
        as_json: Annotated[bool, typer.Option("--json", help="Un objet JSON")] = False,
    ) -> None:
        """Rend compte de chaque enregistrement ; sort avec 1 s'il en manque."""
        rows = context.run(_accounts())
        context.print_rows(rows, ACCOUNT_COLUMNS, as_json=as_json)
        wrong = [row for row in rows if not balanced(row)]
        for row in wrong:
            context.say(f"{row['service']} {row['topic']}-{row['partition']} : compte faux")
        if wrong:
            raise typer.Exit(context.FAULT)


def balanced(row: Mapping[str, Any]) -> bool:
    """next − first = applied + stale + not for us + rejected + compacted."""
    counted = ("applied", "stale", "not_for_us", "rejected", "compacted")
    return bool(row["next_offset"] - row["first_offset"] == sum(row[name] for name in counted))


async def wait_for_projections(settings: ServiceSettings, producer: Database) -> None:
    """Return once the outbox of `producer` is sent and every projection has passed its records."""
    async with producer.connection() as connection:
        last = await last_row(connection)
        while last and not await is_sent(connection, last):
            await asyncio.sleep(POLL_SECONDS)
    for projection in _projections("wait"):
        ends = await end_offsets(settings, [settings.topic(name) for name in projection.topics])
        async with projection.database.connection() as connection:
            while not _passed(ends, await list_positions(connection)):
                await asyncio.sleep(POLL_SECONDS)


class _Projection(NamedTuple):
    service: str
    group: str
    topics: Sequence[str]
    database: Database


def _projections(application: str) -> list[_Projection]:
    """The services that project the log, and their ways to their positions."""
    of_etp = context.settings(etp.EtpSettings)
    of_modulation = context.settings(modulation.ModulationSettings)
    return [
        _Projection(etp.SERVICE, of_etp.group, etp.TOPICS, build_etp_database(of_etp, application)),
        _Projection(
            modulation.SERVICE,
            of_modulation.group,
            modulation.TOPICS,
            build_modulation_database(of_modulation, application),
        ),
    ]


def _passed(ends: Mapping[tuple[str, int], int], positions: Sequence[Mapping[str, Any]]) -> bool:
    reached = {(row["topic"], row["partition"]): row["next_offset"] for row in positions}
    return all(reached.get(partition, 0) >= end for partition, end in ends.items())


async def _accounts() -> list[dict[str, Any]]:
    prefix = context.settings(ServiceSettings).topic_prefix
    rows = []
    for projection in _projections("accounts"):
        async with projection.database.connection() as connection:
            rows += [
                {
                    "service": projection.service,
                    **row,
                    "topic": row["topic"].removeprefix(prefix),
                }
                for row in await list_positions(connection)
                if row["group_name"] == projection.group
            ]
    return rows
