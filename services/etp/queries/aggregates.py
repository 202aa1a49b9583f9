"""Sums over annex-months, by structure and by territory.

Hours are summed by hours base, exactly; the domain divides each sum once.
"""
# ruff: noqa: S608 — clauses are constants of this package, values are bound

from collections.abc import AsyncIterator
from typing import Final

from services.etp.queries.selection import WHOLE, Query, Selection, Window, stream
from shared.database.reads import Record
from shared.database.types import Connection

_BY_STRUCTURE: Final = """
    SELECT structure_id, kind, year, month, sum(annexes)::integer AS annexes,
        sum(contracted_etp) AS contracted_etp, sum(validated_etp) AS validated_etp,
        array_agg(hours_base) AS bases, array_agg(validated_hours) AS hours
    FROM (
        SELECT structure_id, kind, year, month, hours_base, count(*) AS annexes,
            sum(contracted_etp) AS contracted_etp,
            coalesce(sum(contracted_etp) FILTER (WHERE validated), 0) AS validated_etp,
            coalesce(sum(hours) FILTER (WHERE validated), 0) AS validated_hours
        FROM annex_month($1) {where}
        GROUP BY structure_id, kind, year, month, hours_base
    ) by_base
    GROUP BY structure_id, kind, year, month
"""

_BY_TERRITORY: Final = """
    SELECT year, month, kind, department, count(DISTINCT structure_id)::integer AS structures,
        sum(annexes)::integer AS annexes, sum(contracted_etp) AS contracted_etp,
        sum(validated_etp) AS validated_etp,
        array_agg(hours_base) AS bases, array_agg(validated_hours) AS hours
    FROM (
        SELECT year, month, kind, department, structure_id, hours_base, count(*) AS annexes,
            sum(contracted_etp) AS contracted_etp,
            coalesce(sum(contracted_etp) FILTER (WHERE validated), 0) AS validated_etp,
            coalesce(sum(hours) FILTER (WHERE validated), 0) AS validated_hours
        FROM annex_month($1) {where}
        GROUP BY year, month, kind, department, structure_id, hours_base
    ) by_base
    GROUP BY year, month, kind, department
"""

_STRUCTURE_ORDER: Final = ' ORDER BY structure_id, kind COLLATE "C", year, month '
_TERRITORY_ORDER: Final = (
    ' ORDER BY year, month, kind COLLATE "C", department COLLATE "C" NULLS FIRST '
)


def stream_structures(
    connection: Connection, selection: Selection, window: Window = WHOLE
) -> AsyncIterator[list[Record]]:
    """Sums over the months of annexes of each (structure, kind): `bases` and `hours` are the
    validated hours by hours base, pair by pair."""
    query = Query(selection.as_of)
    statement = _BY_STRUCTURE.format(where=query.months(selection, "in_period"))
    return stream(connection, statement + _STRUCTURE_ORDER + query.window(window), query)


async def count_structures(connection: Connection, selection: Selection) -> int:
    """How many rows `stream_structures` gives without a window."""
    return await _count(connection, _BY_STRUCTURE, selection)


def stream_territories(
    connection: Connection, selection: Selection, window: Window = WHOLE
) -> AsyncIterator[list[Record]]:
    """Sums over the annex-months of each kind and department (None: unknown), like structures."""
    query = Query(selection.as_of)
    statement = _BY_TERRITORY.format(where=query.months(selection, "in_period"))
    return stream(connection, statement + _TERRITORY_ORDER + query.window(window), query)


async def count_territories(connection: Connection, selection: Selection) -> int:
    """How many rows `stream_territories` gives without a window."""
    return await _count(connection, _BY_TERRITORY, selection)


async def _count(connection: Connection, statement: str, selection: Selection) -> int:
    query = Query(selection.as_of)
    counted = statement.format(where=query.months(selection, "in_period"))
    return int(
        await connection.fetchval(f"SELECT count(*) FROM ({counted}) items", *query.arguments)
    )
