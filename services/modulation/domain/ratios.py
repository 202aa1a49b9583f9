"""Indicators as published, and the value that each is compared by (step 2 of the allocation)."""

from enum import StrEnum
from fractions import Fraction
from typing import NamedTuple


class Ratio(NamedTuple):
    """An indicator: exact parts, not reduced, not negative. None: not declared."""

    numerator: Fraction | None
    denominator: Fraction | None


class Flag(StrEnum):
    """What is odd about an indicator; one a criterion at most, the first that applies."""

    NO_ACTIVITY = "no_activity"
    NO_EXIT = "no_exit"
    IND1_NOT_DECLARED = "ind1_not_declared"
    IND2_NOT_DECLARED = "ind2_not_declared"
    IND3_NOT_DECLARED = "ind3_not_declared"
    IND2_ZERO_DENOMINATOR = "ind2_zero_denominator"
    IND3_ZERO_DENOMINATOR = "ind3_zero_denominator"
    IND1_OVER_100 = "ind1_over_100"
    IND2_OVER_100 = "ind2_over_100"
    IND3_OVER_100 = "ind3_over_100"


class Value(NamedTuple):
    """What a criterion is compared by, 0 to 1; None is neutral: neither helps nor harms."""

    measure: Fraction | None
    flag: Flag | None = None


Triple = tuple[Ratio, Ratio, Ratio]
"""Indicators 1, 2, 3 of a row."""


def values(ratios: Triple) -> tuple[Value, Value, Value]:
    """The values of the three criteria.

    No counted exit while there are employees is neutral; not declared, no employee or no ETP is
    0; above 1 is 1 (own reading).
    """
    public, effort, results = ratios
    if results.denominator == 0 and public.denominator:
        return _value(1, public), _value(2, effort), Value(None, Flag.NO_EXIT)
    return _value(1, public), _value(2, effort), _value(3, results)


def _value(criterion: int, ratio: Ratio) -> Value:
    numerator, denominator = ratio
    if numerator is None or denominator is None:
        return Value(Fraction(0), Flag(f"ind{criterion}_not_declared"))
    if denominator == 0:
        empty = Flag.NO_ACTIVITY if criterion == 1 else Flag(f"ind{criterion}_zero_denominator")
        return Value(Fraction(0), empty)
    if numerator > denominator:
        return Value(Fraction(1), Flag(f"ind{criterion}_over_100"))
    return Value(numerator / denominator)
