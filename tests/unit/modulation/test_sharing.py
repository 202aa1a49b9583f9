"""Water-filling and largest remainders, against a brute force that tries every set of caps."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.modulation.domain.allocation.sharing import water_fill, whole_cents
from services.modulation.domain.exact import half_up
from tests import oracle_allocation as oracle

ROWS = st.lists(
    st.tuples(st.fractions(Fraction(1, 9), 50, max_denominator=9), st.integers(2, 40)),
    min_size=1,
    max_size=6,
)


@given(ROWS, st.fractions(0, 150, max_denominator=7))
def test_water_filling_is_the_only_level_that_fills(
    rows: list[tuple[Fraction, int]], total: Fraction
) -> None:
    weights, caps = [weight for weight, _ in rows], [cap for _, cap in rows]
    filled = water_fill(total, weights, caps)
    assert list(filled.shares) == oracle.fill(total, weights, caps)
    assert sum(filled.shares) + filled.left == total
    assert filled.left == max(0, total - sum(caps))
    level = [min(filled.level * weight, Fraction(cap)) for weight, cap in rows]
    assert list(filled.shares) == level


def test_a_cap_that_binds_gives_to_the_others() -> None:
    filled = water_fill(Fraction(100), [Fraction(8), Fraction(1), Fraction(1)], [40, 90, 90])
    assert list(filled.shares) == [40, 30, 30]
    assert filled.level == 30
    assert filled.left == 0


def test_a_cap_met_exactly_binds() -> None:
    filled = water_fill(Fraction(20), [Fraction(1), Fraction(1)], [10, 50])
    assert list(filled.shares) == [10, 10]
    assert filled.level == 10


def test_what_no_cap_lets_through_is_left() -> None:
    filled = water_fill(Fraction(7), [Fraction(1), Fraction(4)], [2, 3])
    assert list(filled.shares) == [2, 3]
    assert filled.level == 2
    assert filled.left == 2


def test_missing_cents_go_to_the_largest_parts_and_ties_to_the_lowest_id() -> None:
    shares = [Fraction(5, 2), Fraction(5, 2), Fraction(13, 4), Fraction(7, 4)]
    assert whole_cents(shares, 10, [10, 9, 3, 4]) == [2, 3, 3, 2]


@given(st.lists(st.fractions(0, 9, max_denominator=8), min_size=1, max_size=8))
def test_whole_cents_keep_their_sum_and_stay_beside_the_shares(shares: list[Fraction]) -> None:
    total = half_up(sum(shares, Fraction(0)))
    ids = list(range(len(shares)))
    cents = whole_cents(shares, total, ids)
    assert sum(cents) == total
    assert all(abs(cent - share) < 1 for cent, share in zip(cents, shares, strict=True))
    assert cents == list(oracle.to_cents(dict(zip(ids, shares, strict=True)), total).values())


@pytest.mark.parametrize(
    ("amount", "cents"), [("0", 0), ("1/2", 1), ("49/100", 0), ("3/2", 2), ("149/100", 1)]
)
def test_a_half_goes_up(amount: str, cents: int) -> None:
    assert half_up(Fraction(amount)) == cents
