"""`cadran dead-letters`: what a consumer could not apply, and its replay once mended."""

import os
import pwd
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Annotated, Any, Final, NamedTuple

import typer

from cli import context
from services.etp.database import build_database as build_etp_database
from services.etp.settings import SERVICE as ETP
from services.etp.settings import EtpSettings
from services.modulation.database import build_database as build_modulation_database
from services.modulation.settings import SERVICE as MODULATION
from services.modulation.settings import ModulationSettings
from shared.auth.grants import PAYLOAD_GRANT, is_granted
from shared.database.access_log import NominativeAccess, note_access
from shared.database.dead_letters import list_letters, read_letter, read_payload
from shared.database.pool import Database
from shared.database.types import Connection
from shared.kafka.recoveries import ReplayRefusedError, replay
from shared.settings import ServiceSettings

COLUMNS: Final = ("id", "kind", "topic", "partition", "offset", "failed_at", "recoveries")


class Consuming(NamedTuple):
    """A service that consumes: it keeps its own dead letters, and numbers them."""

    settings: type[ServiceSettings]
    build_database: Callable[[Any, str], Database]


SERVICES: Final = {
    ETP: Consuming(EtpSettings, build_etp_database),
    MODULATION: Consuming(ModulationSettings, build_modulation_database),
}

Identifier = Annotated[int, typer.Argument(metavar="ID", min=1, max=2**63 - 1)]
Service = Annotated[str, typer.Option(help=f"Service : {', '.join(SERVICES)}")]


def register(app: typer.Typer) -> None:
    """Add the group to `app`."""
    group = typer.Typer(no_args_is_help=True, help="Enregistrements qu'un service n'a pu lire.")
    app.add_typer(group, name="dead-letters")

    @group.command("list")
    def list_command(
        service: Service = ETP,
        as_json: Annotated[bool, typer.Option("--json", help="Un objet JSON")] = False,
    ) -> None:
        """Liste les enregistrements refusés, sans leur contenu."""
        context.print_rows(context.run(_list(service)), COLUMNS, as_json=as_json)

    @group.command()
    def show(
        identifier: Identifier,
        payload: Annotated[
            bool, typer.Option("--payload", help="Montre aussi le contenu : un droit à part, noté")
        ] = False,
        service: Service = ETP,
    ) -> None:
        """Montre la faute, ses chemins, la source et l'empreinte."""
        letter = context.run(_show(service, identifier, payload=payload))
        if letter is None:
            context.fail(f"enregistrement inconnu : {identifier}", context.REFUSED)
        if payload and "payload" not in letter:
            context.fail(
                "contenu refusé : ce droit n'est pas accordé à votre compte ; la demande est notée",
                context.REFUSED,
            )
        context.print_object(letter)

    @group.command("replay")
    def replay_command(identifier: Identifier, service: Service = ETP) -> None:
        """Republie l'enregistrement tel qu'il était ; il ne s'applique qu'une fois."""
        try:
            recoveries = context.run(_replay(service, identifier))
        except ReplayRefusedError as refused:
            context.fail(str(refused), context.REFUSED)
        context.say(f"Enregistrement republié ({recoveries} fois en tout).")


async def _list(service: str) -> list[dict[str, Any]]:
    async with _open(service) as (_, connection):
        return await list_letters(connection)


async def _show(service: str, identifier: int, *, payload: bool) -> dict[str, Any] | None:
    """The letter, with its payload when that is asked and granted; None when it is unknown."""
    async with _open(service) as (settings, connection):
        letter = await read_letter(connection, identifier)
        if letter is None or not payload:
            return letter
        login = _login()
        allowed = is_granted(settings.secrets, PAYLOAD_GRANT, login)
        resource = f"dead_letter {identifier}"
        await note_access(
            connection,
            NominativeAccess(datetime.now(UTC), login, "dead-letter-payload", resource, allowed),
        )
        if not allowed:
            return letter
        content = await read_payload(connection, identifier)
        return {
            **letter,
            "payload": None if content is None else content.decode("utf-8", "replace"),
        }


async def _replay(service: str, identifier: int) -> int:
    async with _open(service) as (settings, connection):
        return await replay(connection, settings, identifier)


@asynccontextmanager
async def _open(service: str) -> AsyncIterator[tuple[ServiceSettings, Connection]]:
    if service not in SERVICES:
        context.fail(
            f"service inconnu : {service} ; services : {', '.join(SERVICES)}", context.REFUSED
        )
    kind, build_database = SERVICES[service]
    settings = context.settings(kind)
    async with build_database(settings, "dead-letters").connection() as connection:
        yield settings, connection


def _login() -> str:
    """Who runs this command, as the system knows it; its number when it has no name."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return str(os.getuid())
