"""Documents revised very often are read in a time that grows with their revisions, no faster."""

from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from services.etp.queries import aggregates, annexes, differences, explanations
from services.etp.queries.selection import Selection
from shared.database.reads import LATEST
from tests.plans import Explained
from tests.projected import Projected

REVISIONS = 500
"""Of each document, by each of two sources."""
ROWS = 2 * REVISIONS
"""Of a table."""
AT_MOST = 30
"""Visits of a row by all nodes of a plan; to compare revisions pair by pair takes hundreds."""

_SEED = f"""
    INSERT INTO financial_annex_version (amendment_id, source, revision, rank, withdrawn,
        accepted_at, annex_id, structure_id, kind, regime, counted, renewal, amendment, state,
        starts_on, ends_on, contracted_etp, hours_base, department)
    SELECT 10, source, n, rank, false, now(), 1, 100, 'ACI', 'DC', true, 0, 0, 'VALIDE',
        '2026-01-01', '2026-12-31', 10, 1820, '54'
    FROM generate_series(1, {REVISIONS}) n, (VALUES ('asp', 1), ('editor', 2)) s (source, rank);
    INSERT INTO monthly_state (annex_id, year, month, source, revision, rank, withdrawn,
        accepted_at, state, mixed_states, lines, hours)
    SELECT annex_id, 2026, 1, source, n, rank, false, now(), 'VALIDE', false, 31, 1517
    FROM generate_series(1, {REVISIONS}) n, (VALUES ('asp', 1), ('editor', 2)) s (source, rank),
        (VALUES (1), (2)) a (annex_id);
"""  # noqa: S608 - numbers of this module


@pytest.fixture(scope="module", params=["no statistics", "statistics"])
async def revised(projected: Projected, request: pytest.FixtureRequest) -> Projected:
    """Annex 1, its January, and that of annex 2, which nobody declared."""
    await projected.clear()
    await projected.pool.execute(_SEED)
    if request.param == "statistics":
        await projected.pool.execute("ANALYZE")
    return projected


Read = Callable[[Any, Selection], Any]


async def _drain(rows: AsyncIterator[Any]) -> None:
    async for _ in rows:
        pass


@pytest.mark.parametrize("as_of", [LATEST, REVISIONS // 2])
@pytest.mark.parametrize(
    "selection", [{}, {"annexes": [1]}, {"departments": frozenset({"54"}), "year": 2026}]
)
@pytest.mark.parametrize(
    "read",
    [
        annexes.read_annexes,
        annexes.read_validated,
        lambda to, selection: _drain(annexes.stream_annex_months(to, selection)),
        lambda to, selection: _drain(annexes.stream_unattributed(to, selection)),
        lambda to, selection: _drain(aggregates.stream_structures(to, selection)),
        lambda to, selection: _drain(aggregates.stream_territories(to, selection)),
        lambda to, selection: _drain(differences.stream_differences(to, selection)),
        lambda to, selection: annexes.read_versions(to, 1, selection.as_of),
        lambda to, selection: explanations.read_months_in_force(to, 1, selection.as_of),
        lambda to, selection: explanations.read_month_revisions(to, 1, 2026, 1, selection.as_of),
    ],
)
async def test_each_row_is_visited_a_few_times(
    revised: Projected, read: Read, selection: dict[str, Any], as_of: int
) -> None:
    async with revised.pool.acquire() as connection:
        explained = Explained(connection)
        await read(explained, Selection(as_of=as_of, **selection))
    assert 0 < explained.visited <= AT_MOST * ROWS
