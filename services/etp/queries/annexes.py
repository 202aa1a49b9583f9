"""Annexes in force, their months and versions, and the months of no annex.

Plain SQL over the views of the projection; numbers are exact `Decimal`.
"""
# ruff: noqa: S608 — clauses are constants of this package, values are bound

from collections.abc import AsyncIterator

from services.etp.queries.selection import WHOLE, Query, Selection, Window, stream
from shared.database.reads import Record
from shared.database.types import Connection


async def read_annexes(
    connection: Connection, selection: Selection, window: Window = WHOLE
) -> list[Record]:
    """Annexes in force, by annex id; with a year, those with a month in it."""
    query = Query(selection.as_of)
    where = query.annexes(selection)
    return await connection.fetch(
        f"SELECT * FROM annex_in_force($1) {where} ORDER BY annex_id {query.window(window)}",
        *query.arguments,
    )


async def count_annexes(connection: Connection, selection: Selection) -> int:
    """How many annexes `read_annexes` gives without a window."""
    query = Query(selection.as_of)
    where = query.annexes(selection)
    return int(
        await connection.fetchval(
            f"SELECT count(*) FROM annex_in_force($1) {where}", *query.arguments
        )
    )


async def read_validated(connection: Connection, selection: Selection) -> list[Record]:
    """Validated months of each annex of the selection: annex_id, months, hours."""
    query = Query(selection.as_of)
    where = query.months(selection, "validated")
    return await connection.fetch(
        "SELECT annex_id, count(*) AS months, sum(hours) AS hours"
        f" FROM annex_month($1) {where} GROUP BY annex_id",
        *query.arguments,
    )


def stream_annex_months(
    connection: Connection, selection: Selection
) -> AsyncIterator[list[Record]]:
    """Months of annexes in force and declared months outside them, by annex, year and month."""
    query = Query(selection.as_of)
    where = query.months(selection)
    statement = f"SELECT * FROM annex_month($1) {where} ORDER BY annex_id, year, month"
    return stream(connection, statement, query)


def stream_unattributed(
    connection: Connection, selection: Selection
) -> AsyncIterator[list[Record]]:
    """Declared months of no annex in force; of the selection only year and `as_of` are read.

    `why`: `orphan` when no current annex version bears that id, else `not-counted`.
    """
    query = Query(selection.as_of)
    year = f"AND m.year = {query.bind(selection.year)}" if selection.year is not None else ""
    statement = f"""
        SELECT m.annex_id, m.year, m.month, m.lines, m.hours,
            CASE WHEN m.annex_id IN (
                SELECT v.annex_id FROM (
                    SELECT DISTINCT ON (amendment_id, source) annex_id, withdrawn
                    FROM financial_annex_version WHERE revision <= $1
                    ORDER BY amendment_id, source, revision DESC
                ) v
                WHERE NOT v.withdrawn
            ) THEN 'not-counted' ELSE 'orphan' END AS why
        FROM monthly_state_in_force($1) m
        WHERE m.annex_id NOT IN (SELECT a.annex_id FROM annex_in_force($1) a) {year}
        ORDER BY m.annex_id, m.year, m.month
    """
    return stream(connection, statement, query)


async def read_versions(connection: Connection, annex_id: int, as_of: int) -> list[Record]:
    """Every revision of every version that bears this annex id, and those that withdrew one;
    `in_force` marks the one that counts."""
    return await connection.fetch(
        """
        SELECT v.*, coalesce(a.revision = v.revision, false) AS in_force
        FROM financial_annex_version v
        LEFT JOIN annex_in_force($1) a ON a.annex_id = v.annex_id
            AND a.amendment_id = v.amendment_id AND a.source = v.source
        WHERE v.annex_id = $2 AND v.revision <= $1
        ORDER BY v.amendment_id, v.source, v.revision
        """,
        as_of,
        annex_id,
    )
