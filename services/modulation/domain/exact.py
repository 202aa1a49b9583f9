"""Exact sums: of hours as decimals, of cents rounded once."""

from collections.abc import Iterable
from decimal import Context, Decimal, FloatOperation, Inexact
from fractions import Fraction
from functools import reduce
from typing import Final

_EXACT: Final = Context(prec=200, traps=[Inexact, FloatOperation])
_APART: Final = 10**30


def total_hours(hours: Iterable[Decimal]) -> Decimal:
    """Their sum, whatever their number of decimals."""
    return reduce(_EXACT.add, hours, Decimal(0))


def half_up(amount: Fraction) -> int:
    """The nearest integer of an amount that is not negative, a half upwards."""
    return (2 * amount.numerator + amount.denominator) // (2 * amount.denominator)


def sorting(value: Fraction) -> tuple[int, Fraction]:
    """A key that orders as `value` does, nearly always by its integer: to compare two fractions of
    a thousand digits multiplies them out."""
    return value.numerator * _APART // value.denominator, value
