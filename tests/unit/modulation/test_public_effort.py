"""Criteria 1 and 2: employees and their situation before hiring; support over insertion posts."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.modulation.domain.effort import annex_hours, effort
from services.modulation.domain.facts import StructureFacts, SupportHours
from services.modulation.domain.findings import Employee
from services.modulation.domain.indicators import find
from services.modulation.domain.public import employees, public
from services.modulation.domain.rows import Row
from services.modulation.domain.rules import rule_set
from services.modulation.domain.stays import stays
from tests.unit.modulation.facts import (
    ACI,
    EI,
    STRUCTURE,
    TODAY,
    YEAR,
    annex,
    contract,
    hours,
    structure,
)

RULES = rule_set(YEAR + 1)


def hired(facts: StructureFacts) -> list[Employee]:
    return employees(facts.hours, stays(facts))


@pytest.mark.parametrize(
    ("rsa", "ass", "aah", "expected"),
    [
        ("OUI-M", False, False, True),
        ("OUI-NM", False, False, True),
        ("NON", False, False, False),
        (None, False, False, False),
        ("NON", True, False, True),
        ("NON", False, True, True),
        ("OUI-M", True, True, True),
    ],
)
def test_a_minimum_income_is_rsa_ass_or_aah(
    rsa: str | None, ass: bool, aah: bool, expected: bool
) -> None:
    facts = structure(
        employments=[contract(1, "2026-01-01", rsa=rsa, ass=ass, aah=aah)],
        worked=[hours(1, "10")],
    )
    (employee,) = hired(facts)
    assert employee.minimum_income is expected
    assert public([employee]) == (Fraction(int(expected)), Fraction(1))


def test_an_employee_has_one_validated_hour_in_the_year() -> None:
    facts = structure(
        employments=[contract(n, "2026-01-01", person=f"p{n}") for n in (1, 2, 3)],
        worked=[
            hours(1, "0.5", month=1),
            hours(1, "0.5", month=2),
            hours(2, "0.99"),
            hours(3, "0"),
        ],
    )
    assert [(one.person, one.hours) for one in hired(facts)] == [("p1", Decimal(1))]


def test_one_person_of_several_contracts_is_one_employee() -> None:
    facts = structure(
        employments=[contract(1, "2026-01-01", "2026-03-31"), contract(2, "2026-06-01")],
        worked=[hours(1, "100"), hours(2, "50", month=6)],
    )
    (employee,) = hired(facts)
    assert employee.contracts == (1, 2)
    assert employee.hours == 150


def test_the_status_is_that_before_the_first_hire_of_the_stay() -> None:
    """Hired on RSA in 2024, renewed since; the contract that works this year says NON."""
    facts = structure(
        employments=[
            contract(1, "2024-05-01", "2025-04-30", rsa="OUI-M"),
            contract(2, "2025-05-01", "2026-12-31", renewal=1),
        ],
        worked=[hours(2, "100")],
    )
    (employee,) = hired(facts)
    assert (employee.status_contract, employee.minimum_income) == (1, True)


def test_the_stay_is_that_of_the_earliest_contract_with_hours_in_the_year() -> None:
    """A stay of 2024 without hours this year says nothing, nor does the later stay of the year."""
    facts = structure(
        employments=[
            contract(1, "2024-01-01", "2024-06-30", rsa="OUI-M"),
            contract(2, "2025-01-01", "2026-03-31"),
            contract(3, "2026-09-01", rsa="OUI-M"),
        ],
        worked=[hours(3, "100", month=9), hours(2, "100", month=1)],
    )
    (employee,) = hired(facts)
    assert (employee.status_contract, employee.minimum_income) == (2, False)


def test_a_contract_of_zero_hours_has_no_hours() -> None:
    facts = structure(
        employments=[
            contract(1, "2025-01-01", "2026-01-31", rsa="OUI-M"),
            contract(2, "2026-06-01"),
        ],
        worked=[hours(1, "0", month=1), hours(2, "100", month=6)],
    )
    (employee,) = hired(facts)
    assert (employee.status_contract, employee.minimum_income) == (2, False)


def test_without_a_contract_row_a_person_has_no_minimum_income_and_is_told() -> None:
    facts = structure(
        annexes=[annex()],
        employments=[contract(1, "2026-01-01", rsa="OUI-M")],
        worked=[hours(1, "10"), hours(77, "10"), hours(None, "10", person="p9")],
    )
    (row,) = find(facts, YEAR, TODAY)
    assert row.ratios[0] == (Fraction(1), Fraction(3))
    told = {control.code.value: control.about for control in row.controls}
    assert told["without_contract"] == ("contract 77", "p9")


def test_effort_divides_hours_by_their_bases() -> None:
    """ACI: 1820 hours of support are a post; 910 + 455 hours on two annexes of 1820 and 1700."""
    worked = annex_hours(
        [
            hours(1, "900", month=1),
            hours(2, "10", month=1),
            hours(1, "455", annex_id=2007, base=1700),
        ]
    )
    assert {one.annex_id: str(one.hours) for one in worked} == {2001: "910", 2007: "455"}
    assert effort("ACI", Decimal(364), worked, RULES) == (
        Fraction(364, 1820),
        Fraction(910, 1820) + Fraction(455, 1700),
    )


@pytest.mark.parametrize(
    ("kind", "base"), [("ACI", 1820), ("AI", 1607), ("EI", 1607), ("ETTI", 1607)]
)
def test_a_post_of_support_has_the_hours_of_its_kind(kind: str, base: int) -> None:
    assert effort(kind, Decimal(100), [], RULES) == (Fraction(100, base), Fraction(0))
    assert effort(kind, None, [], RULES) == (None, Fraction(0))


def test_both_regimes_share_one_entry_and_one_indicator_2() -> None:
    prison = Row(STRUCTURE, "ACI", "MP")
    facts = structure(
        annexes=[annex(), annex(2002, row=prison), annex(2003, row=EI)],
        worked=[
            hours(1, "910"),
            hours(2, "455", row=prison, annex_id=2002),
            hours(3, "1505", row=EI, annex_id=2003),
        ],
        support=[SupportHours(STRUCTURE, "ACI", Decimal(182), Decimal(182))],
    )
    found = {row.row.type: row.ratios[1] for row in find(facts, YEAR, TODAY)}
    both = (Fraction(364, 1820), Fraction(1365, 1820))
    assert found == {"ACI": both, "ACI_MP": both, "EI": (None, Fraction(1))}


@given(
    st.lists(
        st.integers(1, 3).flatmap(lambda n: st.tuples(st.just(n), st.decimals(0, 300, places=2))),
        max_size=9,
    )
)
def test_employees_add_up_to_the_hours_of_the_row(lines: list[tuple[int, Decimal]]) -> None:
    """Whatever the order; hours of who is no employee are under one hour each."""
    worked = [hours(number, str(done)) for number, done in lines]
    facts = structure(
        employments=[contract(n, "2026-01-01", person=f"p{n}") for n in (1, 2, 3)], worked=worked
    )
    found = hired(facts)
    missing = sum(line.hours for line in worked) - sum(one.hours for one in found)
    assert 0 <= missing < 3 - len(found) or missing == 0
    reordered = structure(employments=facts.employments, worked=worked[::-1])
    assert hired(reordered) == found
    assert all(line.row == ACI for line in worked)
