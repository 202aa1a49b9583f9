"""`cadran export`: the tables of `etp` as CSV, for people's spreadsheets and other systems."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Final

import typer

from cli import context
from cli.refusals import refuse_unwritable
from services.etp.database import build_database
from services.etp.exports.files import EXPORTS, export_csv
from services.etp.queries.selection import Selection
from services.etp.settings import EtpSettings
from shared.contracts.ids import microseconds
from shared.database.reads import LATEST
from shared.web.as_of import AsOfError, read_as_of

TABLES: Final = ", ".join(EXPORTS)


def register(app: typer.Typer) -> None:
    """Add the command to `app`."""

    @app.command()
    def export(
        table: Annotated[str, typer.Argument(help=f"Table : {TABLES}")],
        out: Annotated[Path, typer.Argument(help="Fichier CSV à écrire")],
        year: Annotated[int | None, typer.Option(help="Année civile")] = None,
        as_of: Annotated[
            str | None,
            typer.Option("--as-of", help="Ce qui était reçu à cet instant (ISO 8601)"),
        ] = None,
    ) -> None:
        """Écrit une table ; 2 si la table, l'année ou l'instant est refusé."""
        if table not in EXPORTS:
            context.fail(f"table inconnue : {table} (tables : {TABLES})", context.REFUSED)
        if year is not None and not 1 <= year <= 9999:
            context.fail(f"année refusée : {year}", context.REFUSED)
        refuse_unwritable(out)
        known_at = None if as_of is None else _instant(as_of)
        rows = context.run(_export(table, out, year, known_at))
        context.say(f"{rows} lignes : {out}")


async def _export(table: str, out: Path, year: int | None, known_at: datetime | None) -> int:
    settings = context.settings(EtpSettings)
    selection = Selection(LATEST if known_at is None else microseconds(known_at), year)
    today = settings.business_date(known_at)
    async with await build_database(settings, "export").pool(1) as pool:
        return await export_csv(pool, table, out, selection, today)


def _instant(text: str) -> datetime:
    try:
        return read_as_of(text, datetime.now(UTC))
    except AsOfError as error:
        context.fail(f"--as-of {text} : {error.message}", context.REFUSED)
