"""What a change would do, and what the sector asks to see beside the rate."""

from fractions import Fraction

import pytest

from services.modulation.domain.allocation.methods import Method
from services.modulation.domain.complementary import complementary, hires_by_prescriber
from services.modulation.domain.findings import ExitVerdict
from services.modulation.domain.indicators import find_exits
from services.modulation.domain.rows import Row
from services.modulation.domain.simulation import side_by_side, simulate
from tests.unit.modulation.facts import ACI, ETTI, YEAR, contract, hours, left, ratio, structure
from tests.unit.modulation.groups import amounts, candidate, of

GROUP = [
    candidate(1, 10_000_000, of("6/10", "3/10", "5/10")),
    candidate(2, 10_000_000, of("2/10", "1/10", "5/10")),
]


def test_a_changed_indicator_moves_the_whole_group() -> None:
    """Row 2 at 6/10 on the public: scores 1.2 and 0.8, 6 000 and 4 000 €."""
    simulated = simulate(GROUP, 2, {1: ratio(6, 10)})
    assert amounts(simulated.before) == {1: 687_500, 2: 312_500}
    assert amounts(simulated.after) == {1: 600_000, 2: 400_000}
    assert simulated.award_before.rate_percent == Fraction("3.125")
    assert simulated.award_after.rate_percent == 4
    assert GROUP[1].ratios[0] == ratio("2/10", 1), "nothing is written"


def test_without_a_change_nothing_moves() -> None:
    simulated = simulate(GROUP, 1, {})
    assert simulated.before == simulated.after


def test_a_row_outside_the_group_is_no_answer() -> None:
    with pytest.raises(KeyError):
        simulate(GROUP, 3, {})


def test_the_three_methods_side_by_side() -> None:
    found = side_by_side(GROUP)
    assert {method: amounts(allocation) for method, allocation in found.items()} == {
        Method.RATIO: {1: 687_500, 2: 312_500},
        Method.RANK: {1: 875_000, 2: 125_000},
        Method.MINMAX: {1: 875_000, 2: 125_000},
    }


EXITS = [
    ("EMBAUCHE EN CDI NON AIDE PAR UN AUTRE EMPLOYEUR", "2026-03-31", "500"),
    ("PRISE DES DROITS A LA RETRAITE", "2026-12-31", "450"),
    ("INACTIF", "2026-06-30", "450.01"),
    ("SANS NOUVELLE", "2026-06-30", "160"),
    ("RUPTURE A L'INITIATIVE DE L'EMPLOYEUR", "2026-06-30", "160"),
    ("AU CHOMAGE", "2026-06-30", "160"),
    ("DECES", "2026-06-30", "900"),
]


def verdicts(row: Row) -> list[ExitVerdict]:
    facts = structure(
        employments=[contract(n, "2025-12-31", person=f"p{n}", row=row) for n in range(len(EXITS))],
        exits=[left(n, on, reason) for n, (reason, on, _) in enumerate(EXITS)],
        worked=[hours(n, number, row=row) for n, (_, _, number) in enumerate(EXITS)],
    )
    return find_exits(facts, YEAR)


def test_complementary_rates_over_other_bases() -> None:
    """Six exits count, two of them successes, one durable; three leave URIAE's base; two are over
    450 hours; hired on 31 December, 31 March is three months, 30 June is six (no 31 June)."""
    found = complementary("ETTI", verdicts(ETTI))
    assert found.without_known_situations == ratio(2, 3)
    assert found.over_450_hours == ratio(1, 2)
    assert found.durable == (0,)
    assert found.by_presence == {3: ratio(2, 6), 6: ratio(1, 5), 12: ratio(1, 1)}
    assert complementary("ACI", verdicts(ACI)).over_450_hours is None


def test_hires_by_who_referred_them() -> None:
    hired = [
        contract(1, "2026-01-01", person="a", prescriber="PE"),
        contract(2, "2026-02-01", person="a", prescriber="PE"),
        contract(3, "2026-02-01", person="b", prescriber="PE"),
        contract(4, "2026-02-01", person="c"),
        contract(5, "2026-02-01", person="d", prescriber="PE", renewal=1),
        contract(6, "2025-02-01", person="e", prescriber="PE"),
    ]
    assert hires_by_prescriber(hired, YEAR) == {"PE": 2, None: 1}
