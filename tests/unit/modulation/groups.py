"""Candidates for tests, and random groups: small numbers, so that ties, caps and zeros are met."""

from collections.abc import Sequence
from fractions import Fraction

from hypothesis import strategies as st

from services.modulation.domain.allocation.candidates import Candidate
from services.modulation.domain.allocation.groups import GroupAllocation
from services.modulation.domain.ratios import Ratio, Triple


def of(*values: str | int) -> Triple:
    """Three indicators by their values (`3/5`), `?` not declared, `-` with a denominator of 0."""
    first, second, third = (_ratio(str(value)) for value in values)
    return first, second, third


def _ratio(value: str) -> Ratio:
    if value == "?":
        return Ratio(None, Fraction(1))
    if value == "-":
        return Ratio(Fraction(0), Fraction(0))
    return Ratio(Fraction(value), Fraction(1))


def candidate(
    structure_id: int,
    socle_cents: int,
    ratios: Triple,
    *,
    months: int = 12,
    exercise: int = 2027,
    type_: str = "ACI",
    region: str = "Bretagne",
) -> Candidate:
    return Candidate(exercise, region, type_, structure_id, months, socle_cents, ratios)


def amounts(allocation: GroupAllocation) -> dict[int, int]:
    """Cents by structure id."""
    return {award.candidate.structure_id: award.cents for award in allocation.awards}


PARTS = st.none() | st.integers(0, 5).map(Fraction) | st.fractions(0, 3, max_denominator=4)
RATIOS = st.builds(Ratio, PARTS, PARTS)
MEASURED = st.builds(
    lambda numerator, more: Ratio(Fraction(numerator), Fraction(numerator + more)),
    st.integers(0, 4),
    st.integers(1, 4),
)
SOCLES = st.integers(20, 90) | st.integers(20, 100_000_000)
SOMETIMES_NONE = st.just(0) | SOCLES
MONTHS = st.integers(0, 12)
FULL_YEAR = st.just(12)


def group(
    *,
    ratios: st.SearchStrategy[Ratio] = RATIOS,
    socles: st.SearchStrategy[int] = SOMETIMES_NONE,
    months: st.SearchStrategy[int] = MONTHS,
    exercises: Sequence[int] = (2018, 2019, 2027),
    types: Sequence[str] = ("ACI", "ETTI", "EI_MP"),
    sizes: tuple[int, int] = (1, 6),
) -> st.SearchStrategy[list[Candidate]]:
    """A group of rows of distinct structures."""
    row = st.tuples(months, socles, st.tuples(ratios, ratios, ratios))
    rows = st.lists(row, min_size=sizes[0], max_size=sizes[1])
    return st.builds(
        lambda exercise, type_, drawn: [
            candidate(7 + 5 * place, s, r, months=m, exercise=exercise, type_=type_)
            for place, (m, s, r) in enumerate(drawn)
        ],
        st.sampled_from(exercises),
        st.sampled_from(types),
        rows,
    )


COMPARED = group(
    ratios=MEASURED, socles=SOCLES, months=FULL_YEAR, types=("ACI",), exercises=(2027,)
)
"""Groups whose rows are all compared, all indicators measured."""
