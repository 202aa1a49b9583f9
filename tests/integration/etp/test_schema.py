"""Reads of annex-months are pushed down to indexes."""

from typing import Any

import pytest

from tests.plans import nodes, visited
from tests.projected import Projected

_SEED = """
    INSERT INTO financial_annex_version (amendment_id, source, revision, rank, withdrawn,
        accepted_at, annex_id, structure_id, kind, regime, counted, renewal, amendment, state,
        starts_on, ends_on, contracted_etp, hours_base, department)
    SELECT 10 * n, 'asp', 1, 1, false, now(), n, n % 700, 'ACI', 'DC', true, 0, 0, 'VALIDE',
        make_date(2024 + n % 3, 1, 1), make_date(2024 + n % 3, 12, 31), 10, 1820,
        lpad((1 + n % 95)::text, 2, '0')
    FROM generate_series(1, 3000) n;
    INSERT INTO monthly_state (annex_id, year, month, source, revision, rank, withdrawn,
        accepted_at, state, mixed_states, lines, hours)
    SELECT n, 2024 + n % 3, m, 'asp', 1, 1, false, now(), 'VALIDE', false, 31, 1517
    FROM generate_series(1, 3000) n, generate_series(1, 12) m;
"""


@pytest.fixture(scope="module")
async def seeded(projected: Projected) -> Projected:
    await projected.pool.execute(_SEED)
    await projected.pool.execute("VACUUM ANALYZE financial_annex_version")
    await projected.pool.execute("VACUUM ANALYZE monthly_state")
    return projected


async def plan(projected: Projected, where: str) -> list[dict[str, Any]]:
    """The nodes of the plan of annex-months, as run."""
    return await nodes(projected.pool, f"SELECT * FROM annex_month(9) WHERE {where}")  # noqa: S608


def read_of(plan: list[dict[str, Any]], table: str) -> int:
    """Rows read from a table."""
    return sum(visited(node) for node in plan if node.get("Relation Name") == table)


async def test_one_annex_reads_its_own_rows(seeded: Projected) -> None:
    found = await plan(seeded, "annex_id = 777")
    assert not [node for node in found if node["Node Type"] == "Seq Scan"]
    assert read_of(found, "monthly_state") <= 24
    assert read_of(found, "financial_annex_version") <= 4


async def test_a_department_and_a_year_read_their_months(seeded: Projected) -> None:
    found = await plan(seeded, "department = '54' AND year = 2025")
    (months,) = await seeded.pool.fetchrow(
        "SELECT count(*) FROM annex_month(9) WHERE department = '54'"
    )
    assert not [
        node
        for node in found
        if node.get("Relation Name") == "monthly_state" and node["Node Type"] == "Seq Scan"
    ]
    assert read_of(found, "monthly_state") <= 2 * months


async def test_figures_never_read_the_rows_with_the_lines(seeded: Projected) -> None:
    found = await plan(seeded, "true")
    reads = [node for node in found if node.get("Relation Name") == "monthly_state"]
    assert {node["Node Type"] for node in reads} == {"Index Only Scan"}
