"""`cadran clients`: the machine clients of sources, and the structures that mandated them."""

import re
import secrets
from typing import Annotated, Any, Final

import structlog
import typer

from cli import context
from deploy.local.home import Home
from services.ingest.database import build_database
from services.ingest.settings import IngestSettings
from services.ingest.sources import (
    add_client,
    end_mandates,
    list_clients,
    read_source,
    revoke_client,
)
from shared.auth.client_secrets import hash_secret, new_secret
from shared.auth.roles import Principal, Role, ScopeError

COLUMNS: Final = ("client_id", "source", "rank", "structures", "revoked")
_ID: Final = re.compile(r"[0-9]{1,18}")
_log = structlog.get_logger("clients")


def register(app: typer.Typer) -> None:
    """Add the group to `app`."""
    group = typer.Typer(no_args_is_help=True, help="Clients des sources, et leurs mandats.")
    app.add_typer(group, name="clients")

    @group.command()
    def add(
        source: Annotated[str, typer.Argument(help="Nom de la source, créée si elle manque")],
        structure: Annotated[
            list[str] | None, typer.Option(help="Structure qui donne mandat (répétable)")
        ] = None,
        as_json: Annotated[bool, typer.Option("--json", help="Un objet JSON")] = False,
    ) -> None:
        """Crée un client et ses mandats ; affiche son identifiant et son secret, une seule fois."""
        structures = _structures(structure or [])
        _check_name(source)
        client = context.run(_add(source, structures))
        _remember(client)
        if as_json:
            context.print_object(client)
        else:
            typer.echo(f"client_id: {client['client_id']}")
            typer.echo(f"client_secret: {client['client_secret']}")

    @group.command("list")
    def list_command(
        as_json: Annotated[bool, typer.Option("--json", help="Un objet JSON")] = False,
    ) -> None:
        """Liste les clients, leur source et ses mandats ; jamais les secrets."""
        context.print_rows(context.run(_list()), COLUMNS, as_json=as_json)

    @group.command()
    def revoke(
        client_id: Annotated[str, typer.Argument(metavar="CLIENT_ID")],
    ) -> None:
        """Retire un client : plus de jeton, et les siens cessent en une heure au plus."""
        if not context.run(_revoke(client_id)):
            context.fail(f"client inconnu, ou déjà retiré : {client_id}", context.REFUSED)
        _forget(client_id)
        context.say("Client retiré.")

    @group.command("end-mandate")
    def end_mandate(
        source: Annotated[str, typer.Argument(help="Nom de la source")],
        structure: Annotated[list[str], typer.Option(help="Structure qui le retire (répétable)")],
    ) -> None:
        """Met fin à des mandats, tout de suite."""
        ended = context.run(_end(source, _structures(structure)))
        if not ended:
            context.fail("aucun de ces mandats n'existe", context.REFUSED)
        context.say(f"Mandats terminés : {ended}.")


def _structures(texts: list[str]) -> list[int]:
    if not all(_ID.fullmatch(text) for text in texts):
        context.fail("un identifiant de structure est un nombre positif", context.REFUSED)
    return sorted(set(map(int, texts)))


def _check_name(source: str) -> None:
    try:
        Principal(Role.SOURCE, source=source)
    except ScopeError as error:
        context.fail(f"Refusé : {error}.", context.REFUSED)


async def _add(source: str, structures: list[int]) -> dict[str, str]:
    client_id, secret = f"{source}-{secrets.token_hex(4)}", new_secret()
    async with build_database(context.settings(IngestSettings), "clients").connection() as c:
        known = await read_source(c, source)
        if not structures and not (known and known.declares_for_all):
            context.fail("il faut au moins une structure : --structure ID", context.REFUSED)
        await add_client(c, source, structures, client_id, hash_secret(secret))
    _log.warning("client_added", client=client_id, source=source, structures=structures)
    return {"source": source, "client_id": client_id, "client_secret": secret}


async def _list() -> list[dict[str, Any]]:
    async with build_database(context.settings(IngestSettings), "clients").connection() as c:
        return await list_clients(c)


async def _revoke(client_id: str) -> bool:
    async with build_database(context.settings(IngestSettings), "clients").connection() as c:
        revoked = await revoke_client(c, client_id)
    _log.warning("client_revoked", client=client_id, found=revoked)
    return revoked


async def _end(source: str, structures: list[int]) -> int:
    async with build_database(context.settings(IngestSettings), "clients").connection() as c:
        ended = await end_mandates(c, source, structures)
    _log.warning("mandates_ended", source=source, structures=structures, ended=ended)
    return ended


def _remember(client: dict[str, str]) -> None:
    """A local home keeps its clients' secrets in `cadran.json`, which its owner alone reads."""
    home = Home.at()
    if home.environment_file.is_file():
        with home.locked():
            home.update(clients=[*home.read()["clients"], client])


def _forget(client_id: str) -> None:
    home = Home.at()
    if home.environment_file.is_file():
        with home.locked():
            kept = [c for c in home.read()["clients"] if c["client_id"] != client_id]
            home.update(clients=kept)
