"""`cadran export`: the tables of `etp` as CSV, for people's spreadsheets and other systems."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Final

import typer

from cli import context
from services.etp.database import build_database
from services.etp.exports.files import EXPORTS, export_csv
from services.etp.queries.selection import LATEST, Selection
from services.etp.settings import EtpSettings
from shared.contracts.ids import microseconds

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
            typer.Option("--as-of", help="Ce qui était connu à cet instant (ISO 8601)"),
        ] = None,
    ) -> None:
        """Écrit une table ; 2 si la table, l'année ou l'instant est refusé."""
        if table not in EXPORTS:
            context.fail(f"table inconnue : {table} (tables : {TABLES})", context.REFUSED)
        if year is not None and not 1 <= year <= 9999:
            context.fail(f"année refusée : {year}", context.REFUSED)
        if out.is_dir() or not out.parent.is_dir():
            context.fail(f"{out} : ce fichier ne peut être écrit", context.REFUSED)
        selection = Selection(as_of=_revision(as_of), year=year)
        rows = context.run(_export(table, out, selection))
        context.say(f"{rows} lignes : {out}")


async def _export(table: str, out: Path, selection: Selection) -> int:
    settings = context.settings(EtpSettings)
    async with await build_database(settings, "export").pool(1) as pool:
        return await export_csv(pool, table, out, selection, settings.business_date())


def _revision(text: str | None) -> int:
    """The highest revision known at an instant; without offset it is UTC."""
    if text is None:
        return LATEST
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        context.fail(f"instant illisible : {text}", context.REFUSED)
    aware = instant if instant.tzinfo else instant.replace(tzinfo=UTC)
    return microseconds(aware)
