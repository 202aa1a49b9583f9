"""The allocation by hand: the specification's worked examples, treatments, degenerate groups."""

from fractions import Fraction

import pytest

from services.modulation.domain.allocation.candidates import Candidate, Treatment, refusals
from services.modulation.domain.allocation.groups import allocate, allocate_group
from services.modulation.domain.allocation.methods import Method
from services.modulation.domain.ratios import Ratio
from tests.unit.modulation.groups import amounts, candidate, of

ALL_METHODS = pytest.mark.parametrize("method", list(Method))
HUNDRED_THOUSAND = 10_000_000
"""Euro cents."""


def scores(found: list[Candidate], method: Method = Method.RATIO) -> list[Fraction]:
    standings = [award.standing for award in allocate_group(found, method).awards]
    return [standing.score for standing in standings if standing]


def indices(found: list[Candidate], method: Method) -> list[tuple[Fraction, Fraction, Fraction]]:
    standings = [award.standing for award in allocate_group(found, method).awards]
    return [standing.indices for standing in standings if standing]


def test_two_structures_share_by_their_scores() -> None:
    rows = [
        candidate(1, HUNDRED_THOUSAND, of("6/10", "3/10", "5/10")),
        candidate(2, HUNDRED_THOUSAND, of("2/10", "1/10", "5/10")),
    ]
    assert scores(rows) == [Fraction("1.375"), Fraction("0.625")]
    assert amounts(allocate_group(rows)) == {1: 687_500, 2: 312_500}


def test_what_the_cap_holds_back_goes_to_zero_scores() -> None:
    rows = [
        candidate(1, HUNDRED_THOUSAND, of(1, 1, 1)),
        candidate(2, HUNDRED_THOUSAND, of(0, 0, 0)),
        candidate(3, HUNDRED_THOUSAND, of(0, 0, 0)),
    ]
    allocation = allocate_group(rows)
    assert amounts(allocation) == {1: 1_000_000, 2: 250_000, 3: 250_000}
    assert [award.standing and award.standing.capped for award in allocation.awards] == [
        True,
        False,
        False,
    ]
    assert allocation.figures.zero_level == Fraction(1, 40)


def test_a_small_structure_at_its_cap_leaves_to_the_large_ones() -> None:
    """Socles of 20 000, 90 000 and 90 000 €, scores 4, 8/9 and 4/9."""
    rows = [
        candidate(1, 2_000_000, of("9/10", "9/10", "9/10")),
        candidate(2, 9_000_000, of("2/10", "2/10", "2/10")),
        candidate(3, 9_000_000, of("1/10", "1/10", "1/10")),
    ]
    assert scores(rows) == [4, Fraction(8, 9), Fraction(4, 9)]
    assert amounts(allocate_group(rows)) == {1: 200_000, 2: 533_333, 3: 266_667}


def test_half_the_mean_earns_half_and_twice_earns_the_cap() -> None:
    rows = [
        candidate(1, 1_000_000, of("1/10", "1/10", "1/10")),
        candidate(2, 1_000_000, of("4/10", "4/10", "4/10")),
        candidate(3, 1_000_000, of("1/10", "1/10", "1/10")),
    ]
    allocation = allocate_group(rows)
    assert [award.rate_percent for award in allocation.awards] == [Fraction("2.5"), 10, 2.5]
    assert allocation.awards[1].standing
    assert allocation.awards[1].standing.capped, "the cap met exactly binds"


@ALL_METHODS
def test_one_structure_alone_gets_five_percent(method: Method) -> None:
    assert amounts(allocate_group([candidate(9, 123_456, of(0, "1/3", "?"))], method)) == {9: 6173}


@ALL_METHODS
def test_a_group_at_zero_on_everything_shares_equally(method: Method) -> None:
    rows = [candidate(n, 1_000_000 * n, of(0, 0, 0)) for n in (1, 2, 3)]
    assert amounts(allocate_group(rows, method)) == {1: 50_000, 2: 100_000, 3: 150_000}


@ALL_METHODS
def test_a_group_where_nobody_has_an_exit_is_neutral(method: Method) -> None:
    rows = [candidate(n, 1_000_000, of("1/2", "1/2", "-")) for n in (1, 2)]
    assert amounts(allocate_group(rows, method)) == {1: 50_000, 2: 50_000}


def test_who_is_neutral_stands_at_the_mean_and_weighs_on_no_mean() -> None:
    """Without its exits row 3 has the index 1 there; the others compare by (1 + 3) / 2 fifths."""
    rows = [
        candidate(1, 1_000_000, of("1/2", "1/2", "1/5")),
        candidate(2, 1_000_000, of("1/2", "1/2", "3/5")),
        candidate(3, 1_000_000, of("1/2", "1/2", "-")),
    ]
    figures = allocate_group(rows).figures
    assert figures.means == (Fraction(1, 2), Fraction(1, 2), Fraction(2, 5))
    assert scores(rows) == [Fraction(7, 8), Fraction(9, 8), 1]


def test_ranks_and_ranges_of_the_other_methods() -> None:
    """Row 2 is neutral on results; public ties at the second place."""
    rows = [
        candidate(n, 1_000_000, of(public, "1/2", results))
        for n, (public, results) in enumerate(
            [("1/10", "1/4"), ("4/10", "-"), ("4/10", "1/2"), ("9/10", "1")], 1
        )
    ]
    half = Fraction(1, 2)
    assert indices(rows, Method.RANK) == [
        (0, half, 0),
        (half, half, half),
        (half, half, half),
        (1, half, 1),
    ]
    assert indices(rows, Method.MINMAX) == [
        (0, half, 0),
        (Fraction(3, 8), half, half),
        (Fraction(3, 8), half, Fraction(1, 3)),
        (1, half, 1),
    ]
    assert scores(rows, Method.RANK) == [Fraction(1, 5), half, half, Fraction(4, 5)]


@pytest.mark.parametrize(
    ("changed", "treatment"),
    [
        ({"socle_cents": 0}, Treatment.NONE),
        ({"months": 0}, Treatment.NONE),
        ({"months": 11}, Treatment.COMPARED),
        ({"months": 11, "exercise": 2018}, Treatment.AUTO),
        ({"months": 12, "exercise": 2018}, Treatment.COMPARED),
        ({"months": 0, "exercise": 2018}, Treatment.NONE),
        ({"months": 5, "exercise": 2019}, Treatment.COMPARED),
        ({"type_": "ACI_MP"}, Treatment.FLAT),
        ({"type_": "EI_MP", "months": 5, "exercise": 2018}, Treatment.FLAT),
        ({"type_": "EI_MP", "socle_cents": 0}, Treatment.NONE),
    ],
)
def test_treatments(changed: dict[str, int | str], treatment: Treatment) -> None:
    arguments: dict[str, object] = {"socle_cents": 1000, "ratios": of(1, 1, 1)} | changed
    assert candidate(1, **arguments).treatment is treatment  # type: ignore[arg-type]


def test_exercise_2018_gives_short_contracts_their_five_percent_first() -> None:
    rows = [
        candidate(1, 1_000_010, of(1, 1, 1), months=3, exercise=2018),
        candidate(2, 1_000_000, of(1, 1, 1), exercise=2018),
        candidate(3, 1_000_000, of("1/3", "1/3", "1/3"), exercise=2018),
        candidate(4, 0, of(1, 1, 1), months=0, exercise=2018),
    ]
    allocation = allocate_group(rows)
    figures = allocation.figures
    assert (figures.envelope_cents, figures.carved_out_cents) == (150_001, 50_001)
    assert amounts(allocation) == {1: 50_001, 2: 75_000, 3: 25_000, 4: 0}
    assert [award.standing is None for award in allocation.awards] == [True, False, False, True]


def test_from_exercise_2019_a_short_contract_is_compared() -> None:
    rows = [
        candidate(1, 1_000_000, of(1, 1, 1), months=3, exercise=2019),
        candidate(2, 1_000_000, of("1/3", "1/3", "1/3"), exercise=2019),
    ]
    assert amounts(allocate_group(rows)) == {1: 75_000, 2: 25_000}


def test_prison_sites_share_five_percent_by_largest_remainder() -> None:
    """5 % of 30, 50 and 70 cents are 1.5, 2.5 and 3.5: 7.5 in all, 8 cents, ties by id."""
    rows = [
        candidate(n, socle, of(0, 0, 0), type_="ACI_MP")
        for n, socle in ((10, 30), (9, 50), (8, 70))
    ]
    allocation = allocate_group(rows)
    assert amounts(allocation) == {8: 4, 9: 3, 10: 1}
    figures = allocation.figures
    assert (figures.envelope_cents, figures.carved_out_cents, figures.remainder_cents) == (8, 8, 0)
    assert (figures.compared, figures.level) == (0, None)


def test_a_group_without_socle_gets_nothing() -> None:
    allocation = allocate_group([candidate(1, 0, of(1, 1, 1)), candidate(2, 0, of(0, 0, 0))])
    assert amounts(allocation) == {1: 0, 2: 0}
    assert allocation.figures.envelope_cents == 0
    assert allocation.awards[0].rate_percent is None


def test_a_row_that_gets_nothing_brings_nothing() -> None:
    """A socle without a month: 5 % of it could not be shared under the other's cap."""
    rows = [candidate(1, 1_000_000, of(1, 1, 1), months=0), candidate(2, 100, of(1, 1, 1))]
    assert amounts(allocate_group(rows)) == {1: 0, 2: 5}


def test_groups_are_apart_by_exercise_region_and_type() -> None:
    rows = [
        candidate(1, 1000, of(1, 1, 1)),
        candidate(2, 1000, of(0, 0, 0), region="Corse"),
        candidate(3, 1000, of(0, 0, 0), type_="AI"),
        candidate(4, 1000, of(0, 0, 0), exercise=2019),
    ]
    found = allocate(rows)
    assert [group.figures.key for group in found] == [
        (2019, "Bretagne", "ACI"),
        (2027, "Bretagne", "ACI"),
        (2027, "Bretagne", "AI"),
        (2027, "Corse", "ACI"),
    ]
    assert [award.cents for group in found for award in group.awards] == [50, 50, 50, 50]


@pytest.mark.parametrize(
    ("changed", "column"),
    [
        ({"exercise": 2017}, "exercise"),
        ({"type_": "EITI"}, "type"),
        ({"type_": "AI_MP"}, "type"),
        ({"months": 13}, "months_conventioned"),
        ({"months": -1}, "months_conventioned"),
        ({"socle_cents": -20}, "socle_eur_cents"),
        ({"socle_cents": 19}, "socle_eur_cents"),
        ({"socle_cents": 1, "months": 0}, "socle_eur_cents"),
        ({"ratios": (Ratio(Fraction(-1), Fraction(1)), *of(1, 1, 1)[1:])}, "ind1_num"),
        ({"ratios": (*of(1, 1, 1)[:2], Ratio(Fraction(1), Fraction(-1)))}, "ind3_den"),
    ],
)
def test_refusals(changed: dict[str, object], column: str) -> None:
    arguments: dict[str, object] = {"socle_cents": 1000, "ratios": of(1, 1, 1)} | changed
    found = list(refusals(candidate(1, **arguments)))  # type: ignore[arg-type]
    assert [refusal.column for refusal in found] == [column]
    assert found[0].reason


def test_from_twenty_cents_a_socle_is_accepted() -> None:
    assert list(refusals(candidate(1, 20, of(1, 1, 1)))) == []
    assert list(refusals(candidate(1, 0, of(1, 1, 1)))) == []
