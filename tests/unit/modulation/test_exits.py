"""Which exits count and why not, with the instruction's bounds; the results' ratio."""

from decimal import Decimal
from fractions import Fraction

import pytest

from services.modulation.domain.exits import exit_verdicts, months_later, results
from services.modulation.domain.facts import StructureFacts
from services.modulation.domain.findings import ExitVerdict, Why
from services.modulation.domain.indicators import find_exits
from services.modulation.domain.rows import Row
from services.modulation.domain.rules import rule_set
from services.modulation.domain.stays import stays
from tests.unit.modulation.facts import (
    ACI,
    AI,
    EI,
    ETTI,
    STRUCTURE,
    YEAR,
    contract,
    day,
    hours,
    left,
    structure,
)


def verdicts(facts: StructureFacts, year: int = YEAR) -> list[ExitVerdict]:
    return exit_verdicts(facts, stays(facts), year, rule_set(year + 1))


def whys(facts: StructureFacts, year: int = YEAR) -> dict[int, str]:
    return {verdict.contract_id: verdict.why.value for verdict in verdicts(facts, year)}


@pytest.mark.parametrize(
    ("hired", "out", "why"),
    [
        ("2026-01-01", "2026-03-31", "under_3_months"),
        ("2026-01-01", "2026-04-01", "counted"),
        ("2025-10-15", "2026-01-14", "under_3_months"),
        ("2025-10-15", "2026-01-15", "counted"),
        ("2025-11-30", "2026-02-27", "under_3_months"),
        ("2025-11-30", "2026-02-28", "counted"),
        ("2026-06-01", "2026-05-31", "under_3_months"),
    ],
)
@pytest.mark.parametrize("row", [ACI, EI])
def test_more_than_three_months_last_day_included(hired: str, out: str, why: str, row: Row) -> None:
    facts = structure(employments=[contract(1, hired, row=row)], exits=[left(1, out)])
    assert whys(facts) == {1: why}


def test_three_months_run_from_the_first_hire_of_the_stay() -> None:
    facts = structure(
        employments=[
            contract(1, "2025-12-01", "2026-02-28"),
            contract(2, "2026-03-01", "2026-05-31"),
        ],
        exits=[left(2, "2026-03-15")],
    )
    (verdict,) = verdicts(facts)
    assert (verdict.why, verdict.hired_on) == (Why.COUNTED, day("2025-12-01"))
    assert verdict.presence == 31 + 31 + 28 + 15, "days, both included"
    assert verdict.contracts == (1, 2)


@pytest.mark.parametrize("row", [AI, ETTI])
def test_a_hundred_and_fifty_hours_over_the_stay_all_years(row: Row) -> None:
    placed = [
        contract(1, "2025-12-01", "2025-12-31", row=row),
        contract(2, "2026-01-01", "2026-01-10", row=row),
    ]
    out, worked = [left(2, "2026-01-10")], [hours(2, "50", row=row)]
    enough = structure(employments=placed, exits=out, worked=worked, other_years={1: "100"})
    (verdict,) = verdicts(enough)
    assert verdict.why is Why.COUNTED
    assert verdict.presence == 150
    short = structure(employments=placed, exits=out, worked=worked, other_years={1: "99.99"})
    (verdict,) = verdicts(short)
    assert (verdict.why, verdict.presence) == (Why.UNDER_150_HOURS, Decimal("149.99"))


def test_eiti_has_no_minimum_and_bridging_contracts_no_exit() -> None:
    for kind, expected in (("EITI", {1: "counted"}), ("ACIPA", {}), ("EIPA", {})):
        row = Row(STRUCTURE, kind, "DC")
        facts = structure(
            employments=[contract(1, "2026-01-01", row=row)], exits=[left(1, "2026-01-02")]
        )
        assert whys(facts) == expected


def test_a_stay_that_goes_on_is_no_exit() -> None:
    """The first contract bears a definitive exit, and the person is hired again the day after."""
    facts = structure(
        employments=[contract(1, "2025-01-01"), contract(2, "2026-05-01", "2026-12-31")],
        exits=[left(1, "2026-04-30")],
    )
    assert whys(facts) == {1: "chained"}


def test_two_stays_ended_in_the_year_are_two_exits() -> None:
    facts = structure(
        employments=[contract(1, "2025-01-01"), contract(2, "2026-06-01")],
        exits=[left(1, "2026-03-31"), left(2, "2026-10-31")],
    )
    assert whys(facts) == {1: "counted", 2: "counted"}


@pytest.mark.parametrize(
    ("hired", "ends", "why"),
    [
        ("2026-06-01", None, "under_contract"),
        ("2026-06-01", "2026-12-31", "under_contract"),
        ("2026-06-01", "2026-12-30", "counted"),
        ("2026-12-31", "2027-03-31", "under_contract"),
        ("2027-01-01", "2027-03-31", "counted"),
    ],
)
def test_who_is_under_contract_on_31_december_is_no_exit(
    hired: str, ends: str | None, why: str
) -> None:
    facts = structure(
        employments=[contract(1, "2025-01-01"), contract(2, hired, ends)],
        exits=[left(1, "2026-03-31")],
    )
    assert whys(facts) == {1: why}


def test_another_row_or_another_person_keeps_nobody_under_contract() -> None:
    facts = structure(
        employments=[
            contract(1, "2025-01-01"),
            contract(2, "2026-06-01", row=EI),
            contract(3, "2026-06-01", person="p2"),
        ],
        exits=[left(1, "2026-03-31")],
    )
    assert whys(facts) == {1: "counted"}


def test_the_first_reason_that_applies_is_given() -> None:
    """Chained, then under contract, then presence, then retrait."""
    short_retrait = structure(
        employments=[contract(1, "2026-01-01")], exits=[left(1, "2026-02-01", "DECES")]
    )
    assert whys(short_retrait) == {1: "under_3_months"}
    short_but_back = structure(
        employments=[contract(1, "2026-01-01"), contract(2, "2026-06-01")],
        exits=[left(1, "2026-02-01", "DECES")],
    )
    assert whys(short_but_back) == {1: "under_contract"}
    retrait = structure(
        employments=[contract(1, "2025-01-01")], exits=[left(1, "2026-02-01", "DECES")]
    )
    assert whys(retrait) == {1: "retrait"}
    assert not verdicts(retrait)[0].counted


def test_the_date_of_the_exit_gives_its_year() -> None:
    facts = structure(
        employments=[contract(1, "2024-01-01"), contract(2, "2024-01-01", person="p2")],
        exits=[left(1, "2025-12-31"), left(2, "2026-01-01")],
    )
    assert whys(facts) == {2: "counted"}
    assert whys(facts, 2025) == {1: "counted"}


def test_a_contract_of_another_structure_is_no_exit_here() -> None:
    elsewhere = Row(999, "ACI", "DC")
    facts = structure(
        employments=[contract(1, "2025-01-01", row=elsewhere)], exits=[left(1, "2026-03-31")]
    )
    assert find_exits(facts, YEAR) == []


def test_results_are_successes_over_counted_exits() -> None:
    """One exit of each kind: two durable or transition, one positive, two others with and without
    reason, and a retrait that leaves both numbers."""
    reasons = [
        "EMBAUCHE EN CDI NON AIDE PAR UN AUTRE EMPLOYEUR",
        "EMBAUCHE EN CDD (SANS AIDE PUBLIQUE A L'EMPLOI) DE MOINS DE SIX MOIS"
        " PAR UN AUTRE EMPLOYEUR",
        "PRISE DES DROITS A LA RETRAITE",
        "RUPTURE A L'INITIATIVE DE L'EMPLOYEUR",
        None,
        "DECES",
    ]
    facts = structure(
        employments=[contract(n, "2025-01-01", person=f"p{n}") for n in range(6)],
        exits=[left(n, "2026-03-31", reason) for n, reason in enumerate(reasons)],
    )
    found = verdicts(facts)
    assert results(found) == (Fraction(3), Fraction(5))
    assert [verdict.category for verdict in found] == [
        "Emploi durable",
        "Emploi de transition",
        "Sortie positive",
        "Autre sortie",
        "(sans motif)",
        "Retrait des sorties constatées",
    ]


@pytest.mark.parametrize(
    ("start", "months", "found"),
    [
        ("2026-01-31", 1, "2026-02-28"),
        ("2027-11-30", 3, "2028-02-29"),
        ("2026-10-15", 3, "2027-01-15"),
        ("2026-12-31", 12, "2027-12-31"),
        ("9999-11-01", 3, "9999-12-31"),
    ],
)
def test_months_later(start: str, months: int, found: str) -> None:
    assert months_later(day(start), months) == day(found)
