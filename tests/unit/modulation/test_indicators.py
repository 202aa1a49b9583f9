"""A structure's rows put together: which rows there are, their ratios, controls and candidates."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from services.modulation.domain.allocation.candidates import refusals
from services.modulation.domain.allocation.groups import allocate_group
from services.modulation.domain.facts import StructureFacts, SupportHours
from services.modulation.domain.findings import RowFindings
from services.modulation.domain.indicators import find
from services.modulation.domain.rows import TYPES, Row
from tests.unit.modulation.facts import (
    ACI,
    AI,
    EI,
    STRUCTURE,
    TODAY,
    YEAR,
    annex,
    contract,
    hours,
    left,
    ratio,
    structure,
)


def whole() -> StructureFacts:
    """An ACI of 12 000 €: three employees, one on RSA; 910 h; 182 h of support; two exits."""
    return structure(
        annexes=[annex(cofinanced="2000", unit_amount="23921")],
        employments=[
            contract(1, "2025-01-01", person="a", rsa="OUI-M"),
            contract(2, "2025-01-01", person="b"),
            contract(3, "2026-01-05", person="c"),
        ],
        exits=[
            left(2, "2026-06-30", "EMBAUCHE EN CDI DANS LA STRUCTURE OU FILIALE"),
            left(3, "2026-12-31", None),
        ],
        worked=[hours(1, "400"), hours(2, "310"), hours(3, "200")],
        support=[SupportHours(STRUCTURE, "ACI", Decimal(100), Decimal(82))],
    )


def test_contracts_and_exits_of_an_editor_alone_count_and_are_told() -> None:
    facts = whole()
    mine = replace(
        facts,
        employments=[replace(one, granted=one.contract_id != 1) for one in facts.employments],
        exits=[replace(one, granted=one.contract_id != 3) for one in facts.exits],
    )
    ((row,), (other,)) = find(mine, YEAR, TODAY), find(facts, YEAR, TODAY)
    assert row.ratios == other.ratios
    assert [tuple(one) for one in row.controls] == [("provisional_contract", (1, 3))]
    far = [replace(contract(9, "2020-01-01", "2020-06-30"), granted=False)]
    (quiet,) = find(replace(facts, employments=[*facts.employments, *far]), YEAR, TODAY)
    assert quiet.controls == []


def test_a_row_from_facts_to_candidate() -> None:
    (row,) = find(whole(), YEAR, TODAY)
    assert row.row == ACI
    assert row.ratios == (ratio(1, 3), ratio("1/10", "1/2"), ratio(1, 2))
    assert (row.socle.state_cents, row.socle.department_cents) == (1_000_000, 200_000)
    assert row.controls == []
    candidate = row.candidate(YEAR + 1)
    assert candidate
    assert candidate.group == (2027, "Grand Est", "ACI")
    assert (candidate.months_conventioned, candidate.socle_cents) == (12, 1_200_000)
    assert list(refusals(candidate)) == []
    assert allocate_group([candidate]).awards[0].cents == 60_000


def test_each_figure_is_explained_down_to_contracts() -> None:
    (row,) = find(whole(), YEAR, TODAY)
    assert [(one.person, one.status_contract, one.minimum_income) for one in row.employees] == [
        ("a", 1, True),
        ("b", 2, False),
        ("c", 3, False),
    ]
    assert [(one.annex_id, one.hours) for one in row.annex_hours] == [(2001, Decimal(910))]
    assert row.support_hours == 182
    assert [(one.contract_id, one.category, one.counted) for one in row.exits] == [
        (2, "Emploi durable", True),
        (3, "(sans motif)", True),
    ]
    assert [(one.annex_id, len(one.months), one.period_months) for one in row.socle.shares] == [
        (2001, 12, 12)
    ]


def types(*found: RowFindings) -> list[str | None]:
    return [row.row.type for row in found]


def test_a_row_is_contracted_in_the_year_or_has_an_exit_in_it() -> None:
    contracted = [
        annex(2001),
        annex(2002, "2025-01-01", "2025-12-31", row=EI),
        annex(2003, row=Row(STRUCTURE, "ACI", "MP")),
        annex(2004, row=Row(STRUCTURE, "EITI", "DC")),
        annex(2005, row=Row(STRUCTURE, "ACIPA", "DC")),
        annex(2006, row=Row(STRUCTURE, "ETTI", "DC"), state="SAISI"),
        annex(2007, row=Row(999, "ACI", "DC")),
    ]
    facts = structure(
        annexes=contracted,
        employments=[contract(1, "2026-01-01", row=AI)],
        exits=[left(1, "2026-01-31")],
    )
    assert types(*find(facts, YEAR, TODAY)) == ["ACI", "ACI_MP", "AI"]
    assert types(*find(facts, 2025, TODAY)) == ["EI"]


def test_a_row_without_activity_is_flagged_by_the_allocation() -> None:
    (row,) = find(structure(annexes=[annex()]), YEAR, TODAY)
    assert row.ratios == (ratio(0, 0), ratio(None, 0), ratio(0, 0))
    candidate = row.candidate(2027)
    assert candidate
    assert allocate_group([candidate]).awards[0].flags == (
        "no_activity",
        "ind2_not_declared",
        "ind3_zero_denominator",
    )


def codes(facts: StructureFacts, today: date = TODAY) -> dict[str, tuple[int | str, ...]]:
    (row,) = find(facts, YEAR, today)
    return {control.code.value: control.about for control in row.controls}


def test_a_stay_ended_without_definitive_exit_is_a_control_and_no_exit() -> None:
    facts = structure(
        annexes=[annex()],
        employments=[
            contract(1, "2025-01-01", "2026-06-30"),
            contract(2, "2025-01-01", "2026-12-31", person="p2"),
            contract(3, "2025-01-01", "2027-01-01", person="p3"),
            contract(4, "2025-01-01", person="p4"),
            contract(5, "2025-01-01", "2025-12-31", person="p5"),
        ],
    )
    assert codes(facts) == {"stay_without_exit": (1, 2)}
    assert codes(facts, date(2026, 11, 22)) == {"stay_without_exit": (1,)}, "2 still runs"
    assert codes(facts, date(2026, 6, 30)) == {}, "the last day is not over"
    (row,) = find(facts, YEAR, TODAY)
    assert row.ratios[2] == ratio(0, 0)


def test_a_chained_exit_does_not_end_the_stay() -> None:
    """The last-ending contract has no definitive exit, an earlier one has."""
    facts = structure(
        annexes=[annex()],
        employments=[contract(1, "2025-01-01"), contract(2, "2026-02-01", "2026-06-30")],
        exits=[left(1, "2026-01-31")],
    )
    assert codes(facts) == {"stay_without_exit": (2,)}


def test_an_unknown_reason_and_a_ratio_above_one_are_told() -> None:
    facts = replace(
        whole(),
        exits=[left(2, "2026-06-30", "PARTI", "Emploi durable"), left(3, "2026-12-31", "PARTI")],
        support_hours={"ACI": SupportHours(STRUCTURE, "ACI", Decimal(2000), Decimal(0))},
    )
    assert codes(facts) == {"unknown_reason": (2, 3), "over_100": (2,)}
    (row,) = find(facts, YEAR, TODAY)
    assert row.ratios[2] == ratio(1, 2), "the category alone says the class"


def test_every_type_of_a_group_is_a_row_and_no_other() -> None:
    kinds = ("ACI", "AI", "EI", "ETTI", "EITI", "ACIPA", "EIPA")
    found = [Row(1, kind, regime).type for kind in kinds for regime in ("DC", "MP")]
    assert sorted(filter(None, found)) == sorted(TYPES)


PERSONS = st.sampled_from(["a", "b", "c"])
DAYS = st.dates(date(2025, 6, 1), date(2027, 2, 1)).map(date.isoformat)
REASONS = st.sampled_from(["AU CHOMAGE", "DECES", "PRISE DES DROITS A LA RETRAITE", "PARTI", None])


@st.composite
def any_facts(draw: st.DrawFn) -> StructureFacts:
    """Contracts, exits and hours of three persons in one ACI with two annexes."""
    numbers = range(1, draw(st.integers(1, 7)))
    employments = [
        contract(
            n,
            draw(DAYS),
            draw(st.none() | DAYS),
            person=draw(PERSONS),
            renewal=draw(st.sampled_from([0, 0, 1])),
            rsa=draw(st.sampled_from(["OUI-M", "NON"])),
        )
        for n in numbers
    ]
    exits = [left(n, draw(DAYS), draw(REASONS)) for n in numbers if draw(st.booleans())]
    worked = [
        hours(n, str(draw(st.integers(0, 3))), annex_id=draw(st.sampled_from([2001, 2002])))
        for n in draw(st.lists(st.integers(1, 8), max_size=8))
    ]
    return structure(
        annexes=[annex(2001), annex(2002)], employments=employments, exits=exits, worked=worked
    )


@given(any_facts())
def test_indicators_count_persons_and_exits_once(facts: StructureFacts) -> None:
    """A part is never above its whole; every definitive exit of the year has one verdict; two
    counted exits of a person are two stays, apart."""
    (row,) = find(facts, YEAR, TODAY)
    public, _, results = row.ratios
    assert public.numerator is not None
    assert results.numerator is not None
    assert 0 <= public.numerator <= len({employee.person for employee in row.employees})
    assert public.denominator == len(row.employees)
    assert 0 <= results.numerator <= (results.denominator or 0)
    in_year = sorted(one.contract_id for one in facts.exits if one.left_on.year == YEAR)
    assert [verdict.contract_id for verdict in row.exits] == in_year
    counted = [verdict for verdict in row.exits if verdict.counted]
    assert results.denominator == len(counted)
    assert len({(verdict.person, verdict.hired_on) for verdict in counted}) == len(counted)


@given(any_facts(), st.randoms(use_true_random=False))
def test_the_order_of_the_facts_changes_nothing(facts: StructureFacts, random: Any) -> None:
    shuffled = replace(
        facts,
        annexes=random.sample(facts.annexes, len(facts.annexes)),
        employments=random.sample(facts.employments, len(facts.employments)),
        exits=random.sample(facts.exits, len(facts.exits)),
        hours=random.sample(facts.hours, len(facts.hours)),
    )
    (row,), (again,) = find(facts, YEAR, TODAY), find(shuffled, YEAR, TODAY)
    assert (again.ratios, again.exits, again.employees) == (row.ratios, row.exits, row.employees)
    assert again.socle.cents == row.socle.cents
    assert again.controls == row.controls
