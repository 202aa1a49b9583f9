"""The value of each indicator and its flag (step 2 of the allocation)."""

from fractions import Fraction

import pytest

from services.modulation.domain.ratios import Flag, Ratio, Value, values

HALF = Ratio(Fraction(1), Fraction(2))


def ratio(numerator: int | None, denominator: int | None) -> Ratio:
    return Ratio(
        None if numerator is None else Fraction(numerator),
        None if denominator is None else Fraction(denominator),
    )


@pytest.mark.parametrize(
    ("criterion", "given", "value", "flag"),
    [
        (1, ratio(3, 4), "3/4", None),
        (1, ratio(4, 4), "1", None),
        (1, ratio(5, 4), "1", "ind1_over_100"),
        (1, ratio(0, 0), "0", "no_activity"),
        (1, ratio(None, 4), "0", "ind1_not_declared"),
        (1, ratio(3, None), "0", "ind1_not_declared"),
        (2, ratio(3, 4), "3/4", None),
        (2, ratio(9, 4), "1", "ind2_over_100"),
        (2, ratio(3, 0), "0", "ind2_zero_denominator"),
        (2, ratio(None, 0), "0", "ind2_not_declared"),
        (2, ratio(None, None), "0", "ind2_not_declared"),
        (3, ratio(3, 4), "3/4", None),
        (3, ratio(5, 4), "1", "ind3_over_100"),
        (3, ratio(None, None), "0", "ind3_not_declared"),
        (3, ratio(0, 0), None, "no_exit"),
        (3, ratio(None, 0), None, "no_exit"),
    ],
)
def test_a_value_and_its_flag(
    criterion: int, given: Ratio, value: str | None, flag: str | None
) -> None:
    ratios = [HALF, HALF, HALF]
    ratios[criterion - 1] = given
    first, second, third = ratios
    found = values((first, second, third))
    assert found[criterion - 1] == Value(None if value is None else Fraction(value), _flag(flag))
    others = [value for place, value in enumerate(found, 1) if place != criterion]
    assert others == [Value(Fraction(1, 2))] * 2


@pytest.mark.parametrize("employees", [0, None])
def test_without_employees_no_exit_is_zero(employees: int | None) -> None:
    found = values((ratio(0, employees), HALF, ratio(0, 0)))
    assert found[2] == Value(Fraction(0), Flag.IND3_ZERO_DENOMINATOR)


def _flag(name: str | None) -> Flag | None:
    return Flag(name) if name else None
