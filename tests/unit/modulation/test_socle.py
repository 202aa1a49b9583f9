"""The socle: months, parts, late amendments, places, and the controls on annexes."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.modulation.domain.facts import AnnexVersion
from services.modulation.domain.findings import RowFindings, Socle
from services.modulation.domain.indicators import find
from services.modulation.domain.rows import Row
from services.modulation.domain.socle import share_of, socle, socle_versions
from tests.unit.modulation.facts import (
    EI,
    STRUCTURE,
    TODAY,
    YEAR,
    annex,
    contract,
    left,
    structure,
)


def found(*annexes: AnnexVersion, department: str | None = "54") -> list[RowFindings]:
    return find(structure(annexes=annexes, department=department), YEAR, TODAY)


def only(*annexes: AnnexVersion) -> Socle:
    (row,) = found(*annexes)
    return row.socle


def controls(*annexes: AnnexVersion) -> dict[str, tuple[int | str, ...]]:
    (row,) = found(*annexes)
    return {control.code.value: control.about for control in row.controls}


def test_the_part_of_the_total_that_falls_in_the_year() -> None:
    """July 2025 to June 2026, 12 000 €: six of twelve months; from mid-month to mid-month, seven
    months of seven."""
    amount = only(annex(starts="2025-07-01", ends="2026-06-30"))
    assert (amount.cents, amount.months_conventioned) == (600_000, 6)
    amount = only(annex(starts="2026-03-15", ends="2026-09-15", total="7000.01"))
    assert (amount.cents, amount.months_conventioned) == (700_001, 7)


def test_state_and_departement_are_each_rounded_once_half_up() -> None:
    """T = 100.01, C = 33.33, half of it: 33.34 and 16.665, so 16.67; the socle is their sum."""
    amount = only(annex(starts="2025-07-01", ends="2026-06-30", total="100.01", cofinanced="33.33"))
    assert (amount.state_cents, amount.department_cents, amount.cents) == (3_334, 1_667, 5_001)


def test_the_sum_is_made_before_rounding() -> None:
    """Three annexes that bring 0.335 € each: 1.005 €, 101 cents and not 3 × 34."""
    halves = [
        annex(n, starts="2025-07-01", ends="2026-06-30", total="0.67") for n in (2001, 2002, 2003)
    ]
    assert only(*halves).state_cents == 101


def test_distinct_months_of_all_annexes() -> None:
    amount = only(
        annex(2001, "2026-01-01", "2026-04-30"),
        annex(2002, "2026-03-10", "2026-06-20"),
        annex(2003, "2026-11-01", "2027-10-31"),
    )
    assert amount.months_conventioned == 8


def test_cofinancing_above_the_total_is_the_total_and_told() -> None:
    amount = only(annex(total="1000", cofinanced="1200"))
    assert (amount.state_cents, amount.department_cents) == (0, 100_000)
    assert controls(annex(total="1000", cofinanced="1200"))["cofinancing_over_total"] == (2001,)
    for total in ("0", "1200"):
        assert "cofinancing_over_total" not in controls(annex(total=total, cofinanced="1200"))


def test_an_annex_without_total_brings_nothing_and_is_told() -> None:
    amount = only(annex(total=None), annex(2002))
    assert (amount.cents, amount.months_conventioned) == (1_200_000, 12)
    assert controls(annex(total=None), annex(2002))["annex_without_total"] == (2001,)


def test_a_provisional_annex_counts_and_is_told() -> None:
    for version in (annex(state="PROVISOIRE"), annex(granted=False)):
        assert only(version).cents == 1_200_000
        assert controls(version)["provisional_annex"] == (2001,)
    assert "provisional_annex" not in controls(annex())


@pytest.mark.parametrize(
    ("versions", "counted"),
    [
        ([("VALIDE", "2026-12-31")], 0),
        ([("VALIDE", None)], 0),
        ([("VALIDE", "2027-01-01")], None),
        ([("HISTORISE", "2026-01-15"), ("VALIDE", "2026-06-01")], 1),
        ([("HISTORISE", "2026-01-15"), ("VALIDE", "2027-01-02")], 0),
        ([("CLOTURE", "2026-01-15"), ("VALIDE", "2027-01-02")], 0),
        ([("HISTORISE", "2026-01-15"), ("SAISI", "2026-02-01"), ("VALIDE", "2027-01-02")], 0),
        ([("HISTORISE", "2026-01-15"), ("HISTORISE", "2027-01-02"), ("VALIDE", "2027-01-03")], 0),
        ([("HISTORISE", "2026-01-15"), ("HISTORISE", None), ("VALIDE", "2027-01-03")], 1),
        ([("VALIDE", "2026-01-15"), ("SAISI", "2027-01-02")], 0),
        ([("VALIDE", "2026-01-15"), ("HISTORISE", "2026-02-01")], 0),
        ([("HISTORISE", None), ("VALIDE", "2027-01-02"), ("HISTORISE", "2026-02-01")], 0),
        ([("HISTORISE", "2026-01-15")], None),
        ([("ANNULE", "2026-01-15"), ("VALIDE", "2027-01-02")], None),
    ],
)
def test_what_reached_the_asp_after_31_december_is_as_if_never_delivered(
    versions: list[tuple[str, str | None]], counted: int | None
) -> None:
    annexes = [
        annex(amendment=number, state=state, received=received)
        for number, (state, received) in enumerate(versions)
    ]
    facts = structure(annexes=annexes)
    chosen = socle_versions(facts.annexes, facts.in_force, YEAR)
    assert [version.amendment for version in chosen] == ([] if counted is None else [counted])


def test_a_late_amendment_keeps_the_former_amount_and_is_told() -> None:
    """An amendment of 6 000 € received on 2 January: 12 000 € stay, for its own months too."""
    versions = [
        annex(state="HISTORISE", ends="2026-08-31"),
        annex(amendment=1, total="6000", received="2027-01-02"),
    ]
    amount = only(*versions)
    assert (amount.cents, amount.months_conventioned) == (1_200_000, 8)
    assert controls(*versions)["late_annex"] == (2001,)


def test_a_late_annex_gives_a_row_without_socle() -> None:
    (row,) = found(annex(received="2027-01-02"))
    assert (row.socle.cents, row.socle.months_conventioned) == (0, 0)
    assert [control.code.value for control in row.controls] == ["late_annex"]


def test_a_late_change_of_owner_leaves_the_socle_to_the_former_one() -> None:
    elsewhere = Row(999, "ACI", "DC")
    versions = [
        annex(state="HISTORISE"),
        annex(amendment=1, row=elsewhere, received="2027-01-02"),
    ]
    (row,) = found(*versions)
    assert (row.row.structure_id, row.socle.cents) == (STRUCTURE, 1_200_000)


def test_the_region_is_that_of_the_annex_with_most_socle() -> None:
    small = annex(2001, total="100", department="54")
    large = annex(2002, total="200", department="75")
    amount = only(small, large)
    assert (amount.department, amount.region) == ("75", "Île-de-France")
    assert set(controls(small, large)) == {"several_regions", "several_departments"}
    equal = annex(2000, total="200", department="67")
    assert only(large, equal).department == "67", "equal: the lowest annex id"
    assert set(controls(small, equal)) == {"several_departments"}


def test_without_annex_the_region_is_that_of_the_structure() -> None:
    facts = structure(
        employments=[contract(1, "2025-01-01")], exits=[left(1, "2026-03-31")], department="2A"
    )
    (row,) = find(facts, YEAR, TODAY)
    assert (row.socle.region, row.socle.cents) == ("Corse", 0)
    assert row.controls == []


def test_an_unknown_region_is_told_and_has_no_group() -> None:
    (row,) = found(annex(department=None))
    assert [control.code.value for control in row.controls] == ["unknown_region"]
    assert row.candidate(YEAR + 1) is None


@pytest.mark.parametrize(
    ("row", "amount", "department", "told"),
    [
        (EI, "13304", "54", False),
        (EI, "12459", "54", True),
        (EI, "10050", "976", False),
        (EI, "13304", "976", True),
        (EI, None, "54", False),
        (Row(STRUCTURE, "ACIPA", "DC"), "1", "54", False),
    ],
)
def test_a_unit_amount_that_is_no_tariff_is_told(
    row: Row, amount: str | None, department: str, told: bool
) -> None:
    rows = found(annex(row=row, unit_amount=amount, department=department))
    codes = [control.code.value for one in rows for control in one.controls]
    assert ("unit_amount_not_tariff" in codes) is told


def test_any_tariff_of_the_period_is_one() -> None:
    """EI: 12 459 € since November 2024, 13 304 € from January 2025."""
    over = {"starts": "2024-12-01", "ends": "2026-11-30", "row": EI}
    for amount, told in (("12459", False), ("13304", False), ("12218", True)):
        assert ("unit_amount_not_tariff" in controls(annex(unit_amount=amount, **over))) is told  # type: ignore[arg-type]


YEARS = st.integers(2024, 2027)
MONTHS = st.integers(1, 12)


@given(YEARS, MONTHS, st.integers(1, 30), st.integers(0, 10**7), st.integers(0, 10**7))
def test_years_share_an_annex_whole(
    year: int, month: int, length: int, total: int, cofinanced: int
) -> None:
    """Over all years the exact parts add up to T, and each month is in one year."""
    last = 12 * year + month - 1 + length - 1
    version = annex(
        starts=f"{year}-{month:02}-17",
        ends=f"{last // 12}-{last % 12 + 1:02}-03",
        total=str(total),
        cofinanced=str(cofinanced),
    )
    shares = [share_of(version, one) for one in range(2023, 2032)]
    assert sum(len(share.months) for share in shares) == length
    assert sum(share.state_part + share.department_part for share in shares) == total
    assert sum(share.department_part for share in shares) == Fraction(min(cofinanced, total))
    for share in shares:
        amount = socle([share], None)
        exact = 100 * (share.state_part + share.department_part)
        assert abs(amount.cents - exact) <= 1
