"""Documents revised very often are read in a time that grows with their revisions, no faster."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from services.modulation.queries import reads
from shared.database.reads import LATEST
from tests.plans import Explained
from tests.projected import Projected

REVISIONS = 500
"""Of each document, by each of two sources."""
ROWS = 2 * REVISIONS
"""Of a table."""
AT_MOST = 30
"""Visits of a row by all nodes of a plan; to compare revisions pair by pair takes hundreds."""

_EACH = f"""
    FROM generate_series(1, {REVISIONS}) n, (VALUES ('asp', 1), ('editor', 2)) s (source, rank)
"""
_SEED = f"""
    INSERT INTO financial_annex_version (amendment_id, source, revision, rank, withdrawn,
        accepted_at, annex_id, structure_id, measure, kind, regime, counted, renewal, amendment,
        state, starts_on, ends_on, contracted_etp, hours_base, department)
    SELECT 10, source, n, rank, false, now(), 1, 100, 'ACI_DC', 'ACI', 'DC', true, 0, 0,
        'VALIDE', '2025-01-01', '2025-12-31', 10, 1820, '54' {_EACH};
    INSERT INTO monthly_state (annex_id, year, month, source, revision, rank, withdrawn,
        accepted_at, validated, contracts, persons, hours)
    SELECT 1, 2025, 1, source, n, rank, false, now(), true, '{{7}}', '{{NULL}}', '{{100}}' {_EACH};
    INSERT INTO employment (contract_id, source, revision, rank, withdrawn, accepted_at,
        structure_id, person, kind, regime, known)
    SELECT 7, source, n, rank, false, now(), 100, 'person', 'ACI', 'DC', true {_EACH};
    INSERT INTO employment_exit (contract_id, source, revision, rank, withdrawn, accepted_at,
        left_on, reason, category)
    SELECT 7, source, n, rank, false, now(), '2025-05-05', 'reason', 'category' {_EACH};
    INSERT INTO support_hours (structure_id, kind, year, source, revision, rank, withdrawn,
        accepted_at)
    SELECT 100, 'ACI', 2025, source, n, rank, false, now() {_EACH};
"""


@pytest.fixture(scope="module", params=["no statistics", "statistics"])
async def revised(projected: Projected, request: pytest.FixtureRequest) -> Projected:
    """A structure with one annex, one month, one contract and its exit, one year of support."""
    await projected.clear()
    await projected.pool.execute(_SEED)
    if request.param == "statistics":
        await projected.pool.execute("ANALYZE")
    return projected


@pytest.mark.parametrize("as_of", [LATEST, REVISIONS // 2])
@pytest.mark.parametrize(
    "read",
    [
        lambda to, as_of: reads.candidate_structures(to, as_of, 2025, None),
        lambda to, as_of: reads.candidate_structures(to, as_of, 2025, ["54"]),
        lambda to, as_of: reads.annexes_ever_of(to, as_of, [100]),
        lambda to, as_of: reads.read_annex_versions(to, as_of, [1]),
        lambda to, as_of: reads.read_validated_months(to, as_of, [1], 2025),
        lambda to, as_of: reads.read_hours_by_contract(to, as_of, [1], [7]),
        lambda to, as_of: reads.read_employments_of(to, as_of, [100]),
        lambda to, as_of: reads.read_employments(to, as_of, [7]),
        lambda to, as_of: reads.read_exits(to, as_of, [7]),
        lambda to, as_of: reads.read_support_hours(to, as_of, [100], 2025),
    ],
)
async def test_each_row_is_visited_a_few_times(
    revised: Projected, read: Callable[[Any, int], Awaitable[Any]], as_of: int
) -> None:
    async with revised.pool.acquire() as connection:
        explained = Explained(connection)
        await read(explained, as_of)
    assert 0 < explained.visited <= AT_MOST * ROWS
