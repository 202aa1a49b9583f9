"""What figures are made of: the annex-months of a sum; of an annex the revisions of its months,
their lines, RSA statuses.

Plain SQL over the projection; numbers are exact `Decimal`. Lines are nominative: their reader
answers for who may see them.
"""

# ruff: noqa: S608 — clauses are constants of this package, values are bound

import json
from collections.abc import Iterable
from typing import Any

from services.etp.queries.selection import Query, Selection
from shared.database.reads import Record
from shared.database.types import Connection


async def read_months_in_force(connection: Connection, annex_id: int, as_of: int) -> list[Record]:
    """The revisions in force of the annex's declared months, their lines as arrays."""
    return await connection.fetch(
        """
        SELECT m.* FROM monthly_state_in_force($1) f
        JOIN monthly_state m USING (annex_id, year, month, source, revision)
        WHERE f.annex_id = $2
        """,
        as_of,
        annex_id,
    )


async def read_month_revisions(
    connection: Connection, annex_id: int, year: int, month: int, as_of: int
) -> list[Record]:
    """Every revision of a month by source, without its lines; `in_force` marks the one that
    counts."""
    return await connection.fetch(
        """
        SELECT m.source, m.rank, m.revision, m.accepted_at, m.withdrawn, m.state,
            m.mixed_states, m.lines, m.hours, f.revision IS NOT NULL AS in_force
        FROM monthly_state m
        LEFT JOIN monthly_state_in_force($1) f USING (annex_id, year, month, source, revision)
        WHERE m.annex_id = $2 AND m.year = $3 AND m.month = $4 AND m.revision <= $1
        ORDER BY m.source, m.revision
        """,
        as_of,
        annex_id,
        year,
        month,
    )


async def read_rsa_amounts(
    connection: Connection, annex_id: int, as_of: int
) -> list[dict[str, Any]]:
    """What the version in force says of the RSA amounts of its months, as its event wrote it."""
    text = await connection.fetchval(
        """
        SELECT v.rsa_amounts FROM annex_in_force($1) a
        JOIN financial_annex_version v USING (amendment_id, source, revision)
        WHERE a.annex_id = $2
        """,
        as_of,
        annex_id,
    )
    amounts: list[dict[str, Any]] = json.loads(text) if text else []
    return amounts


async def read_rsa_statuses(
    connection: Connection, contracts: Iterable[int], as_of: int
) -> dict[int, str | None]:
    """The RSA status of contracts, of the best source's current revision."""
    rows = await connection.fetch(
        """
        SELECT DISTINCT ON (contract_id) contract_id, rsa
        FROM (
            SELECT DISTINCT ON (contract_id, source) *
            FROM employment_rsa
            WHERE contract_id = ANY($2) AND revision <= $1
            ORDER BY contract_id, source, revision DESC
        ) latest
        WHERE NOT withdrawn
        ORDER BY contract_id, rank, revision DESC
        """,
        as_of,
        sorted(set(contracts)),
    )
    return {row["contract_id"]: row["rsa"] for row in rows}


async def read_summed_months(
    connection: Connection, selection: Selection, month: int, *, unknown_department: bool = False
) -> list[Record]:
    """The annex-months of the selection that a sum of that month is made of, by annex id; those
    whose department is unknown alone, when asked."""
    query = Query(selection.as_of)
    conditions = ["in_period", f"month = {query.bind(month)}"]
    conditions += ["department IS NULL"] if unknown_department else []
    where = query.months(selection, *conditions)
    return await connection.fetch(
        f"SELECT * FROM annex_month($1) {where} ORDER BY annex_id", *query.arguments
    )
