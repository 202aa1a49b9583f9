"""The exports of `etp` as CSV files: name, table, rows."""

from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from services.etp.exports.aggregates import StructureRow, TerritoryRow, structures, territories
from services.etp.exports.annexes import (
    AnnexMonthRow,
    AnnexRow,
    UnattributedRow,
    annex_months,
    annexes,
    unattributed,
)
from services.etp.queries.selection import Selection
from shared.database.reads import Pool, snapshot
from shared.database.types import Connection
from shared.web.exports import Table, csv_file

Rows = AsyncIterator[list[Any]]


@dataclass(frozen=True, slots=True)
class Export:
    """A table, and its rows in lists for a selection and a business date (Paris)."""

    table: Table
    rows: Callable[[Connection, Selection, date], Rows]


async def _annexes(connection: Connection, selection: Selection) -> Rows:
    yield await annexes(connection, selection)


EXPORTS: Final[Mapping[str, Export]] = MappingProxyType(
    {
        "annexes": Export(AnnexRow, lambda link, chosen, _: _annexes(link, chosen)),
        "annex-months": Export(AnnexMonthRow, annex_months),
        "structures": Export(StructureRow, lambda link, chosen, _: structures(link, chosen)),
        "territories": Export(TerritoryRow, lambda link, chosen, _: territories(link, chosen)),
        "unattributed": Export(UnattributedRow, lambda link, chosen, _: unattributed(link, chosen)),
    }
)
"""By the name that `cadran export` takes."""


async def export_csv(pool: Pool, name: str, path: Path, selection: Selection, today: date) -> int:
    """Write an export whole at `path` (see `csv_file`); the number of rows."""
    export = EXPORTS[name]
    with csv_file(path, export.table) as writer:
        async with snapshot(pool) as connection:
            async for rows in export.rows(connection, selection, today):
                writer.write(rows)
    return writer.count
