"""What counts among everything declared, for some structures: plain SQL, numbers exact.

`as_of` is a revision: what was known then. Lists of ids select; an empty one selects nothing.
"""

from collections.abc import Collection

from shared.database.reads import Record
from shared.database.types import Connection


async def candidate_structures(
    connection: Connection, as_of: int, year: int, departments: Collection[str] | None
) -> list[int]:
    """Structures that may have a row for `year`, by id: those with an annex that has a month in
    it, or a contract with an exit dated in it.

    `departments` keeps those with such an annex there, or themselves there; None keeps all.
    """
    rows = await connection.fetch(
        """
        WITH annexed AS (
            SELECT v.structure_id, v.department FROM financial_annex_version_current($1) v
            WHERE extract(year FROM v.starts_on) <= $2 AND extract(year FROM v.ends_on) >= $2
        ), left_there AS (
            SELECT e.structure_id FROM employment_exit_current($1) x
            JOIN employment_current($1) e ON e.contract_id = x.contract_id
            WHERE extract(year FROM x.left_on) = $2
        )
        SELECT structure_id FROM (
            SELECT structure_id, department FROM annexed
            UNION SELECT structure_id, NULL FROM left_there
        ) found
        LEFT JOIN structure s USING (structure_id)
        WHERE $3::text[] IS NULL OR found.department = ANY($3)
            OR s.department = ANY($3) AND NOT s.withdrawn
        GROUP BY structure_id ORDER BY structure_id
        """,
        as_of,
        year,
        None if departments is None else sorted(departments),
    )
    return [row["structure_id"] for row in rows]


async def read_departments(
    connection: Connection, structures: Collection[int]
) -> dict[int, str | None]:
    """Department of each structure's INSEE code, as last known."""
    rows = await connection.fetch(
        "SELECT structure_id, department FROM structure"
        " WHERE structure_id = ANY($1) AND NOT withdrawn",
        list(structures),
    )
    return {row["structure_id"]: row["department"] for row in rows}


async def annexes_ever_of(
    connection: Connection, as_of: int, structures: Collection[int]
) -> list[int]:
    """Ids of the annexes that are or were of these structures."""
    rows = await connection.fetch(
        "SELECT DISTINCT annex_id FROM financial_annex_version"
        " WHERE structure_id = ANY($2) AND revision <= $1",
        as_of,
        list(structures),
    )
    return [row["annex_id"] for row in rows]


async def read_annex_versions(
    connection: Connection, as_of: int, annexes: Collection[int]
) -> list[Record]:
    """The current version of each amendment of these annexes, by the best source that holds the
    annex, whatever its state; `in_force` marks the one that counts."""
    return await connection.fetch(
        """
        SELECT v.annex_id, v.amendment_id, v.measure, v.renewal, v.amendment, v.state,
            v.structure_id, v.starts_on, v.ends_on, v.total_amount, v.cofinanced_amount,
            v.unit_amount, v.received_on, v.rank,
            coalesce(v.department, s.department) AS department,
            coalesce(a.amendment_id = v.amendment_id, false) AS in_force
        FROM annex_version_of_best_source($1) v
        LEFT JOIN structure s ON s.structure_id = v.structure_id AND NOT s.withdrawn
        LEFT JOIN annex_in_force($1) a ON a.annex_id = v.annex_id AND a.annex_id = ANY($2)
        WHERE v.annex_id = ANY($2) ORDER BY v.annex_id, v.amendment_id
        """,
        as_of,
        list(annexes),
    )


async def read_validated_months(
    connection: Connection, as_of: int, annexes: Collection[int], year: int
) -> list[Record]:
    """Validated months of `year`, within the period of these annexes in force: owner, kind,
    regime, hours base, and hours by contract or person, as arrays of one length."""
    return await connection.fetch(
        """
        SELECT a.structure_id, a.kind, a.regime, a.annex_id, a.hours_base, m.year, m.month,
            m.contracts, m.persons, m.hours
        FROM annex_in_force($1) a
        JOIN monthly_state_current($1) m ON m.annex_id = a.annex_id
            AND 12 * m.year + m.month - 1 BETWEEN a.first_month AND a.last_month
        WHERE a.annex_id = ANY($2) AND m.annex_id = ANY($2) AND m.year = $3 AND m.validated
        ORDER BY a.annex_id, m.month
        """,
        as_of,
        list(annexes),
        year,
    )


async def read_hours_by_contract(
    connection: Connection, as_of: int, annexes: Collection[int], contracts: Collection[int]
) -> list[Record]:
    """Validated hours of these contracts over all months of these annexes in force.

    IS TRUE has the contracts hashed once, whatever number of them a cached plan expects.
    """
    return await connection.fetch(
        """
        SELECT h.contract_id, sum(h.hours) AS hours
        FROM annex_in_force($1) a
        JOIN monthly_state_current($1) m ON m.annex_id = a.annex_id
            AND 12 * m.year + m.month - 1 BETWEEN a.first_month AND a.last_month
        CROSS JOIN LATERAL unnest(m.contracts, m.hours) AS h (contract_id, hours)
        WHERE a.annex_id = ANY($2) AND m.annex_id = ANY($2) AND m.validated
            AND (h.contract_id IN (SELECT unnest($3::bigint[]))) IS TRUE
        GROUP BY h.contract_id
        """,
        as_of,
        list(annexes),
        list(contracts),
    )


async def read_employments_of(
    connection: Connection, as_of: int, structures: Collection[int]
) -> list[Record]:
    """Contracts of these structures, of any year."""
    return await connection.fetch(
        "SELECT * FROM employment_current($1) WHERE structure_id = ANY($2)",
        as_of,
        list(structures),
    )


async def read_employments(
    connection: Connection, as_of: int, contracts: Collection[int]
) -> list[Record]:
    """These contracts, and every other one of the same persons."""
    return await connection.fetch(
        """
        SELECT * FROM employment_current($1) WHERE person = ANY(ARRAY(
            SELECT person FROM employment_current($1) WHERE contract_id = ANY($2)))
        """,
        as_of,
        list(contracts),
    )


async def read_exits(
    connection: Connection, as_of: int, contracts: Collection[int]
) -> list[Record]:
    """Definitive exits of these contracts, by any date."""
    return await connection.fetch(
        "SELECT contract_id, left_on, reason, category, rank FROM employment_exit_current($1)"
        " WHERE contract_id = ANY($2)",
        as_of,
        list(contracts),
    )


async def read_support_hours(
    connection: Connection, as_of: int, structures: Collection[int], year: int
) -> list[Record]:
    """The year's entries of these structures."""
    return await connection.fetch(
        "SELECT * FROM support_hours_current($1) WHERE structure_id = ANY($2) AND year = $3",
        as_of,
        list(structures),
        year,
    )


async def read_mark(connection: Connection) -> str:
    """Which state of the projection this is: another one, rebuilt or further on, has another."""
    mark = await connection.fetchval(
        "SELECT concat('consumer_position'::regclass::oid, ':', sum(next_offset))"
        " FROM consumer_position"
    )
    return str(mark)
