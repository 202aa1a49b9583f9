"""Events in any order, repeated at will: the projection is the pure fold of what was declared."""

import asyncio
import random
from collections.abc import Sequence

import pytest

from services.etp.database import build_database
from services.etp.projection import EtpProjection
from services.etp.queries.explanations import read_rsa_statuses
from services.etp.settings import EtpSettings
from shared.database.reads import LATEST
from shared.settings import ServiceSettings
from tests.events import produce, random_employments, random_events
from tests.homes import TestHome, counted, wait_for_records
from tests.oracle import Event, fold

TABLES = ("annexes", "annex-months", "structures", "territories")


@pytest.mark.parametrize("seed", [1])
def test_live_is_the_pure_fold_whatever_the_order(home: TestHome, seed: int) -> None:
    rng = random.Random(seed)
    employments = random_employments(seed)
    events = [*random_events(seed), *employments]
    sent = [*events, *rng.sample(events, 100)]
    rng.shuffle(sent)
    home.start("etp-worker", "worker", "etp")
    asyncio.run(produce(home.home.settings(ServiceSettings), sent))
    became = wait_for_records(home, len(sent))
    assert became["rejected"] == 0
    assert became["applied"] + became["stale"] == len(sent)
    expected = fold(events, home.today)
    for table in TABLES:
        assert home.export_text(table) == expected[table], table
    assert asyncio.run(statuses(home)) == folded(employments)


def test_a_lost_projection_is_read_again_from_the_beginning(home: TestHome) -> None:
    """Kafka remembers the end of the log; no new record comes."""
    before = home.export_text("annex-months")
    total = sum(counted(home).values())
    home.stop("etp-worker")

    async def lose() -> None:
        database = build_database(home.home.settings(EtpSettings), "test")
        async with database.connection() as connection:
            tables = ", ".join(("consumer_position", *EtpProjection().compared))
            await connection.execute(f"TRUNCATE {tables}")

    asyncio.run(lose())
    home.start("etp-worker", "worker", "etp")
    wait_for_records(home, total)
    assert home.export_text("annex-months") == before


async def statuses(home: TestHome) -> dict[int, str | None]:
    """The RSA status of every contract, from the projection."""
    database = build_database(home.home.settings(EtpSettings), "test")
    async with database.connection() as connection:
        return await read_rsa_statuses(connection, range(10), LATEST)


def folded(events: Sequence[Event]) -> dict[int, str | None]:
    """The same, from the events: of each source the highest revision, then the best rank's."""
    latest: dict[tuple[int, int], Event] = {}
    for event in sorted(events, key=lambda event: event[3]):
        latest[event[4]["contract_id"], event[2]] = event
    found: dict[int, str | None] = {}
    for (contract, _), event in sorted(latest.items()):
        if event[0].endswith("declared.v1"):
            found.setdefault(contract, event[4]["rsa"])
    return found
