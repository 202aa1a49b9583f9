"""Contracted and realised posts: the rules, and the worked examples of the specification."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.etp.domain.amounts import used_amount
from services.etp.domain.consumption import (
    AnnualView,
    ConsumptionClass,
    annual_contracted,
    annual_realised,
    annual_view,
    classify,
    consumption_rate,
    department_part,
    mean_realised,
    monthly_realised,
)
from shared.numbers import rounded

HOURS = st.decimals(0, 10_000, places=2)
BASE = st.sampled_from([Decimal(1820), Decimal(1505), Decimal(1600), Decimal(1607)])


def mean_of(*months: int) -> Fraction | None:
    return mean_realised(sum((Fraction(m) for m in months), Fraction(0)), len(months))


def test_the_webinars_example() -> None:
    """EI, March to December, 28 posts; 5, 10, 20, 20, 20, 28 from March to August."""
    mean = mean_of(5, 10, 20, 20, 20, 28)
    assert mean == Fraction(103, 6)
    assert rounded(mean, 2) == "17.17"
    assert rounded(annual_contracted(Fraction(28), 10), 2) == "23.33"
    assert rounded(Fraction(103, 12), 2) == "8.58"


def test_a_hole_is_not_a_zero_and_a_validated_zero_is() -> None:
    assert mean_of(*[10] * 8) == 10
    assert mean_of(10, 0) == 5
    assert mean_of() is None


def test_an_annex_over_two_years_is_its_own_period() -> None:
    assert mean_of(*[6] * 12) == 6
    assert annual_contracted(Fraction(6), 12) / 2 == 3


def test_whole_hour_rounding_conforms() -> None:
    """AI, 8 posts, one month of 1071 hours: 7.9975 ETP."""
    realised = monthly_realised(Decimal(1071), Decimal(1607))
    assert rounded(realised, 4) == "7.9975"
    assert classify(realised, Fraction(8)) is ConsumptionClass.CONFORMING


@pytest.mark.parametrize(
    ("mean", "contracted", "found"),
    [
        (None, Fraction(0), ConsumptionClass.OUT_OF_CONTRACT),
        (Fraction(3), Fraction(0), ConsumptionClass.OUT_OF_CONTRACT),
        (None, Fraction(5), ConsumptionClass.UNDECLARED),
        (Fraction(0), Fraction(5), ConsumptionClass.UNDER),
        (Fraction(99, 10), Fraction(10), ConsumptionClass.CONFORMING),
        (Fraction(101, 10), Fraction(10), ConsumptionClass.CONFORMING),
        (Fraction(98999, 10000), Fraction(10), ConsumptionClass.UNDER),
        (Fraction(101001, 10000), Fraction(10), ConsumptionClass.OVER),
    ],
)
def test_classes_and_their_bounds(
    mean: Fraction | None, contracted: Fraction, found: ConsumptionClass
) -> None:
    assert classify(mean, contracted) is found


def test_the_tolerance_is_a_setting() -> None:
    assert classify(Fraction(12), Fraction(10), Fraction(1, 5)) is ConsumptionClass.CONFORMING


def test_no_rate_without_contracted_posts_or_validated_months() -> None:
    assert consumption_rate(Fraction(3), Fraction(0)) is None
    assert consumption_rate(None, Fraction(5)) is None
    assert consumption_rate(Fraction(0), Fraction(5)) == 0


@pytest.mark.parametrize(
    ("total", "cofinanced", "part"),
    [
        (Decimal(100), Decimal(0), Fraction(0)),
        (None, Decimal(10), Fraction(0)),
        (Decimal(0), Decimal(10), Fraction(0)),
        (Decimal("239210"), Decimal("59802.50"), Fraction(1, 4)),
        (Decimal(100), Decimal(120), Fraction(1)),
    ],
)
def test_the_departments_part(total: Decimal | None, cofinanced: Decimal, part: Fraction) -> None:
    assert department_part(total, cofinanced) == part


def test_used_amount_is_exact_not_capped_and_unknown_without_unit_amount() -> None:
    annual = annual_realised(Decimal(12136), Decimal(1820))
    used = used_amount(annual, Decimal(23921))
    assert used is not None
    assert rounded(used, 2) == "159508.38"
    assert used_amount(annual, None) is None


def test_the_budget_view() -> None:
    view = annual_view(Fraction(5), Fraction(20))
    assert view == AnnualView(Fraction(5), Fraction(1, 4), Fraction(15))
    assert annual_view(Fraction(1), Fraction(0)) == AnnualView(Fraction(1), None, Fraction(-1))


@given(st.lists(HOURS, min_size=1, max_size=12), BASE)
def test_hours_summed_first_give_the_sum_of_the_months(hours: list[Decimal], base: Decimal) -> None:
    parts = [monthly_realised(month, base) for month in hours]
    assert sum(parts) == monthly_realised(sum(hours, Decimal(0)), base)
    assert monthly_realised(hours[0], base) == 12 * annual_realised(hours[0], base)


@given(st.fractions(0, 100), st.integers(1, 12), st.fractions(0, 100))
def test_consumed_to_date_against_its_share_has_the_class_of_the_mean(
    contracted: Fraction, months: int, mean: Fraction
) -> None:
    to_date = annual_contracted(mean, months), annual_contracted(contracted, months)
    assert classify(*to_date) is classify(mean, contracted)
