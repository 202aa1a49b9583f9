"""`cadran dead-letters`: what a consumer could not apply, and its replay once mended."""

from typing import Annotated, Any, Final

import structlog
import typer

from cli import context
from services.etp.database import build_database
from services.etp.settings import EtpSettings
from shared.database.dead_letters import list_letters, mark_replayed, read_letter
from shared.database.outbox import OutboxRow, write_outbox
from shared.kafka.cluster import read_record

COLUMNS: Final = ("id", "kind", "topic", "partition", "offset", "failed_at", "recoveries")
_log = structlog.get_logger("dead_letters")


def register(app: typer.Typer) -> None:
    """Add the group to `app`."""
    group = typer.Typer(no_args_is_help=True, help="Enregistrements qu'un service n'a pu lire.")
    app.add_typer(group, name="dead-letters")

    @group.command("list")
    def list_command(
        as_json: Annotated[bool, typer.Option("--json", help="Un objet JSON")] = False,
    ) -> None:
        """Liste les enregistrements refusés, sans leur contenu."""
        context.print_rows(context.run(_list()), COLUMNS, as_json=as_json)

    @group.command()
    def show(
        identifier: Annotated[int, typer.Argument(metavar="ID")],
        payload: Annotated[
            bool, typer.Option("--payload", help="Montre aussi le contenu ; l'accès est noté")
        ] = False,
    ) -> None:
        """Montre la faute, ses chemins, la source et l'empreinte."""
        letter = context.run(_show(identifier))
        if letter is None:
            context.fail(f"enregistrement inconnu : {identifier}", context.REFUSED)
        content = letter.pop("payload")
        if payload:
            _log.warning("dead_letter_payload_shown", dead_letter=identifier)
            letter["payload"] = None if content is None else content.decode("utf-8", "replace")
        context.print_object(letter)

    @group.command()
    def replay(identifier: Annotated[int, typer.Argument(metavar="ID")]) -> None:
        """Republie l'enregistrement tel qu'il était ; il ne s'applique qu'une fois."""
        reason = context.run(_replay(identifier))
        if reason is not None:
            context.fail(reason, context.REFUSED)
        context.say("Enregistrement republié.")


async def _list() -> list[dict[str, Any]]:
    async with build_database(context.settings(EtpSettings), "dead-letters").connection() as c:
        return await list_letters(c)


async def _show(identifier: int) -> dict[str, Any] | None:
    async with build_database(context.settings(EtpSettings), "dead-letters").connection() as c:
        return await read_letter(c, identifier)


async def _replay(identifier: int) -> str | None:
    """Hand the original record to the outbox; the reason, in French, when it cannot be."""
    settings = context.settings(EtpSettings)
    async with build_database(settings, "dead-letters").connection() as connection:
        letter = await read_letter(connection, identifier)
        if letter is None:
            return f"enregistrement inconnu : {identifier}"
        record = await read_record(settings, letter["topic"], letter["partition"], letter["offset"])
        if record is None:
            return "l'enregistrement n'est plus dans le journal"
        try:
            headers = {name: (value or b"").decode("utf-8") for name, value in record.headers}
            key = (record.key or b"").decode("utf-8")
        except UnicodeDecodeError:
            return "un en-tête ou la clé n'est pas en UTF-8 : rien à rejouer"
        async with connection.transaction():
            await write_outbox(connection, [OutboxRow(letter["topic"], key, headers, record.value)])
            await mark_replayed(connection, identifier)
    return None
