"""`cadran modulation indicators` and `exits`: what the projection says of a year's results."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from cli import context
from cli.refusals import refuse_table, refuse_unwritable
from services.modulation.database import build_database
from services.modulation.exports.exits import ExitRow, exits
from services.modulation.exports.indicators import IndicatorRow, indicators
from services.modulation.readers.support_hours import Entries, read_support_hours
from services.modulation.readers.tables import UnreadableTableError
from services.modulation.settings import ModulationSettings
from shared.database.reads import snapshot
from shared.web.exports import csv_file, item

LAST_YEAR = 9_998

Year = Annotated[int, typer.Argument(metavar="YEAR", help="Année des résultats")]
Out = Annotated[Path, typer.Argument(metavar="OUT", help="Fichier CSV à écrire")]
AsJson = Annotated[bool, typer.Option("--json", help="Affiche aussi un objet JSON")]


def register(group: typer.Typer) -> None:
    """Add the commands to the group `modulation`."""
    group.command("indicators")(indicators_file)
    group.command("exits")(exits_file)


def indicators_file(
    year: Year,
    out: Out,
    *,
    support_hours: Annotated[
        Path | None,
        typer.Option(help="Heures d'encadrement, CSV : structure_id, kind, technical_hours, …"),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Écrit les indicateurs et le socle, entrée de « allocate » ; 2 si un fichier est refusé."""
    _check(year, out)
    given = _given(support_hours)
    rows = context.run(_indicators(year, given))
    kept = {(row.structure_id, row.type.removesuffix("_MP")) for row in rows}
    with csv_file(out, IndicatorRow) as table:
        table.write(rows)
    if as_json:
        _print(rows)
    context.say(f"{len(rows)} lignes : {out}")
    if unused := sorted(given.keys() - kept):
        named = ", ".join(f"{structure} {kind}" for structure, kind in unused)
        context.say(f"heures d'encadrement sans ligne en {year} : {named}")
    if unplaced := [row for row in rows if row.region is None]:
        named = ", ".join(f"{row.structure_id} {row.type}" for row in unplaced)
        context.say(f"région inconnue, hors de tout groupe : {named}")


def exits_file(year: Year, out: Out, *, as_json: AsJson = False) -> None:
    """Écrit les sorties définitives de l'année, comptées ou non, et pourquoi."""
    _check(year, out)
    rows = context.run(_exits(year, out, kept=as_json))
    if as_json:
        _print(rows)


async def _indicators(year: int, given: Entries) -> list[IndicatorRow]:
    settings = context.settings(ModulationSettings)
    async with (
        await build_database(settings, "indicators").pool(1) as pool,
        snapshot(pool) as connection,
    ):
        return await indicators(connection, year, settings.business_date(), given)


async def _exits(year: int, out: Path, *, kept: bool) -> list[ExitRow]:
    """Write as they come; the rows themselves when they are also to be printed."""
    settings = context.settings(ModulationSettings)
    found: list[ExitRow] = []
    async with (
        await build_database(settings, "exits").pool(1) as pool,
        snapshot(pool) as connection,
    ):
        with csv_file(out, ExitRow) as table:
            async for rows in exits(connection, year):
                table.write(rows)
                found += rows if kept else []
    context.say(f"{table.count} lignes : {out}")
    return found


def _check(year: int, out: Path) -> None:
    if not 1 <= year <= LAST_YEAR:
        context.fail(f"année refusée : {year}", context.REFUSED)
    refuse_unwritable(out)


def _given(path: Path | None) -> Entries:
    if path is None:
        return {}
    try:
        return read_support_hours(path)
    except UnreadableTableError as unreadable:
        refuse_table(path, unreadable)


def _print(rows: Sequence[tuple[Any, ...]]) -> None:
    context.print_object({"rows": [item(row) for row in rows]})
