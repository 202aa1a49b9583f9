"""Annex-months whose figure is not the ASP's (rule 14)."""
# ruff: noqa: S608 — clauses are constants of this package, values are bound

from collections.abc import AsyncIterator

from services.etp.domain.asp import NOTABLE
from services.etp.queries.selection import WHOLE, Query, Selection, Window, stream
from shared.database.reads import Record
from shared.database.types import Connection


def stream_differences(
    connection: Connection, selection: Selection, window: Window = WHOLE
) -> AsyncIterator[list[Record]]:
    """Months of annexes whose difference is above the notable one, by annex, year and month."""
    query = Query(selection.as_of)
    statement = _statement(query, selection)
    order = "ORDER BY annex_id, year, month"
    return stream(connection, f"{statement} {order} {query.window(window)}", query)


async def count_differences(connection: Connection, selection: Selection) -> int:
    """How many rows `stream_differences` gives without a window."""
    query = Query(selection.as_of)
    counted = f"SELECT count(*) FROM ({_statement(query, selection)}) items"
    return int(await connection.fetchval(counted, *query.arguments))


def _statement(query: Query, selection: Selection) -> str:
    """Nothing is divided: both sides of the comparison are multiplied by the hours base."""
    where = query.months(selection, "in_period")
    notable = query.bind(NOTABLE)
    return f"""
        SELECT a.*, m.asp_lines, m.asp_hours, m.asp_etp
        FROM (SELECT * FROM annex_month($1) {where}) a
        JOIN monthly_state m USING (annex_id, year, month, source, revision)
        WHERE abs(12 * m.asp_hours - m.asp_etp * a.hours_base) > {notable} * a.hours_base
    """
