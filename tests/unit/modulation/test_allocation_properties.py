"""What every allocation promises, whatever the group, for the three methods."""

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from services.modulation.domain.allocation.candidates import Candidate, refusals
from services.modulation.domain.allocation.groups import GroupAllocation, allocate, allocate_group
from services.modulation.domain.allocation.methods import Method
from services.modulation.domain.ratios import Ratio
from tests import oracle_allocation as oracle
from tests.unit.modulation.groups import COMPARED, MEASURED, SOCLES, amounts, candidate, group, of

METHODS = st.sampled_from(list(Method))


def shares(allocation: GroupAllocation) -> dict[int, Fraction]:
    return {
        award.candidate.structure_id: award.standing.share
        for award in allocation.awards
        if award.standing
    }


def described(row: Candidate) -> dict[str, Any]:
    """A row as the oracle reads it."""
    read: dict[str, Any] = {
        "structure_id": row.structure_id,
        "exercise": row.exercise,
        "type": row.type,
        "months": row.months_conventioned,
        "socle": row.socle_cents,
        "ratios": row.ratios,
    }
    values = [oracle.value_of(criterion, read) for criterion in (1, 2, 3)]
    return read | {"treatment": oracle.treatment_of(read), "values": values}


@given(group(), METHODS)
def test_it_is_what_the_text_read_slowly_says(rows: list[Candidate], method: Method) -> None:
    found = amounts(allocate_group(rows, method))
    assert found == oracle.redo([described(row) for row in rows], method)


@given(group(sizes=(1, 9)), METHODS)
def test_amounts_are_under_the_cap_and_add_up_to_the_envelope(
    rows: list[Candidate], method: Method
) -> None:
    """Always feasible: 5 % of the socles that get a part is under the sum of their caps, as no
    positive socle is under 20 cents."""
    assert [refusal for row in rows for refusal in refusals(row)] == []
    allocation = allocate_group(rows, method)
    for award in allocation.awards:
        assert 0 <= award.cents <= Fraction(award.candidate.socle_cents, 10)
    taking_part = [award.candidate for award in allocation.awards if award.treatment != "NONE"]
    envelope = oracle.nearest(Fraction(sum(row.socle_cents for row in taking_part), 20))
    assert sum(award.cents for award in allocation.awards) == envelope
    assert allocation.figures.envelope_cents == envelope


@given(group(sizes=(2, 6)), METHODS, st.randoms(use_true_random=False))
def test_the_order_of_the_input_changes_nothing(
    rows: list[Candidate], method: Method, random: Any
) -> None:
    shuffled = random.sample(rows, len(rows))
    assert allocate(shuffled, method) == allocate(rows, method)


@given(group(), METHODS, st.lists(st.fractions(Fraction(1, 9), 9), min_size=18, max_size=18))
def test_indicators_have_no_unit(
    rows: list[Candidate], method: Method, factors: list[Fraction]
) -> None:
    """Hours or days, persons or percents: both parts of any ratio times any number."""
    scaled = []
    for place, row in enumerate(rows):
        first, second, third = (
            _times(ratio, factors[3 * place + k]) for k, ratio in enumerate(row.ratios)
        )
        scaled.append(replace(row, ratios=(first, second, third)))
    assert amounts(allocate_group(scaled, method)) == amounts(allocate_group(rows, method))


def _times(ratio: Ratio, factor: Fraction) -> Ratio:
    numerator, denominator = ratio
    return Ratio(
        None if numerator is None else factor * numerator,
        None if denominator is None else factor * denominator,
    )


@given(COMPARED, METHODS, st.fractions(Fraction(1, 9), 1, max_denominator=9))
def test_a_criterion_has_no_scale(rows: list[Candidate], method: Method, factor: Fraction) -> None:
    """Every value of a criterion times one number: the same indices, the same amounts."""
    scaled = [
        replace(row, ratios=(row.ratios[0], _less(row.ratios[1], factor), row.ratios[2]))
        for row in rows
    ]
    assert amounts(allocate_group(scaled, method)) == amounts(allocate_group(rows, method))


def _less(ratio: Ratio, factor: Fraction) -> Ratio:
    assert ratio.numerator is not None
    return Ratio(factor * ratio.numerator, ratio.denominator)


@st.composite
def improved(draw: st.DrawFn) -> tuple[list[Candidate], list[Candidate], int]:
    """A compared group, the same with one indicator of one row raised, and that row's id."""
    rows = draw(COMPARED)
    place, criterion = draw(st.integers(0, len(rows) - 1)), draw(st.integers(0, 2))
    ratios = list(rows[place].ratios)
    numerator, denominator = ratios[criterion]
    assert numerator is not None
    assert denominator is not None
    more = draw(st.fractions(0, 1, max_denominator=12)) * (denominator - numerator)
    ratios[criterion] = Ratio(numerator + more, denominator)
    first, second, third = ratios
    better = [*rows]
    better[place] = replace(rows[place], ratios=(first, second, third))
    return rows, better, rows[place].structure_id


@given(improved(), METHODS)
def test_a_better_indicator_never_earns_less(
    drawn: tuple[list[Candidate], list[Candidate], int], method: Method
) -> None:
    """Exactly by `ratio-v1`, to the cent. By the two others the exact share never falls, and the
    last cent alone can go to a row that rises with it."""
    before, after, who = drawn
    then, now = allocate_group(before, method), allocate_group(after, method)
    assert shares(now)[who] >= shares(then)[who]
    lost = 0 if method is Method.RATIO else 1
    assert amounts(now)[who] >= amounts(then)[who] - lost


@given(SOCLES, st.tuples(MEASURED, MEASURED, MEASURED), METHODS)
def test_one_structure_alone_gets_five_percent(
    socle: int, ratios: tuple[Ratio, Ratio, Ratio], method: Method
) -> None:
    found = allocate_group([candidate(3, socle, ratios)], method)
    assert amounts(found) == {3: oracle.nearest(Fraction(socle, 20))}


@given(SOCLES, st.integers(1, 9), st.tuples(MEASURED, MEASURED, MEASURED), METHODS)
def test_equal_structures_get_five_percent_to_the_cent(
    socle: int, size: int, ratios: tuple[Ratio, Ratio, Ratio], method: Method
) -> None:
    rows = [candidate(place, socle, ratios) for place in range(size)]
    for cents in amounts(allocate_group(rows, method)).values():
        assert abs(20 * cents - socle) <= 20


@given(st.lists(SOCLES, min_size=1, max_size=6), st.tuples(MEASURED, MEASURED, MEASURED), METHODS)
def test_equal_indicators_give_five_percent_of_each_socle(
    socles: Sequence[int], ratios: tuple[Ratio, Ratio, Ratio], method: Method
) -> None:
    """The exact share is 5 % but for its part of the envelope's rounding, half a cent in all."""
    rows = [candidate(place, socle, ratios) for place, socle in enumerate(socles)]
    allocation = allocate_group(rows, method)
    off = allocation.figures.envelope_cents - Fraction(sum(socles), 20)
    for place, share in shares(allocation).items():
        assert share == Fraction(socles[place], 20) + off * Fraction(socles[place], sum(socles))
        assert abs(amounts(allocation)[place] - share) < 1


@given(COMPARED)
def test_without_a_cap_the_rate_is_five_percent_of_the_score(rows: list[Candidate]) -> None:
    allocation = allocate_group(rows, Method.RATIO)
    standings = [award.standing for award in allocation.awards if award.standing]
    if any(standing.capped for standing in standings):
        return
    level = Fraction(allocation.figures.remainder_cents, allocation.figures.socle_cents)
    for row, standing in zip(rows, standings, strict=True):
        assert standing.share == level * row.socle_cents * standing.score
    assert allocation.figures.level == level


def test_the_last_cent_can_go_to_another_row_that_rises() -> None:
    """Why `rank-v1` and `minmax-v1` promise their monotony before whole cents: what row 3 loses
    on criterion 1 also lifts row 2, whose fraction of a cent passes that of row 1."""
    ratios = [of(0, "3/4", 0), of("3/4", "3/4", 0), of("2/4", "3/4", "1/4")]
    socles = [85, 167, 338]
    before = [candidate(n, s, r) for n, s, r in zip((1, 2, 3), socles, ratios, strict=True)]
    after = [candidate(1, 85, of("1/4", "3/4", 0)), *before[1:]]
    then, now = allocate_group(before, Method.MINMAX), allocate_group(after, Method.MINMAX)
    assert shares(now)[1] >= shares(then)[1]
    assert (amounts(then), amounts(now)) == ({1: 2, 2: 8, 3: 20}, {1: 1, 2: 9, 3: 20})
