"""Tariffs of the aide au poste by territory, type and period."""

from datetime import date

import pytest

from shared.reference.tariffs import in_force, tariffs


@pytest.mark.parametrize(
    ("of", "department", "first", "last", "found"),
    [
        ("EI", "54", "2026-01-01", "2026-12-31", {13304}),
        ("EI", "976", "2026-01-01", "2026-12-31", {10050}),
        ("EI", None, "2024-12-31", "2025-01-01", {12459, 13304}),
        ("EI", "54", "2024-11-01", "2024-12-31", {12459}),
        ("EI", "54", "2013-01-01", "2013-12-31", set()),
        ("EI", "54", "2013-01-01", "2014-01-01", {10000}),
        ("ACI", "54", "2026-01-01", "2026-12-31", {23921}),
        ("ACIPA", "54", "2026-01-01", "2026-12-31", set()),
    ],
)
def test_amounts_in_force_in_a_period(
    of: str, department: str | None, first: str, last: str, found: set[int]
) -> None:
    days = date.fromisoformat(first), date.fromisoformat(last)
    assert in_force(of, department, *days) == found


def test_tariffs_are_the_earliest_first() -> None:
    assert all(list(listed) == sorted(listed) for listed in tariffs().values())
    assert ("hexagone_drom", "EI_MP") in tariffs()
