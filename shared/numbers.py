"""The one place where figures are rounded, when shown and never before; exact numbers as text."""

from decimal import Decimal
from fractions import Fraction

Exact = int | Decimal | Fraction


def rounded(value: Exact, places: int) -> str:
    """`value` as text with `places` decimals (at least 1), halves away from zero (2.5 → 3)."""
    numerator, denominator = value.as_integer_ratio()
    scaled = (2 * abs(numerator) * 10**places + denominator) // (2 * denominator)
    digits = str(scaled).rjust(places + 1, "0")
    sign = "-" if numerator < 0 and scaled else ""
    return f"{sign}{digits[:-places]}.{digits[-places:]}"


def cut(value: Exact, places: int) -> str:
    """`value`, not negative, as text with `places` decimals (at least 1), the others cut off."""
    numerator, denominator = value.as_integer_ratio()
    digits = str(numerator * 10**places // denominator).rjust(places + 1, "0")
    return f"{digits[:-places]}.{digits[-places:]}"


def exact(value: Exact) -> str:
    """`value` as exact text: an integer, else a reduced fraction (`1966/1607`)."""
    numerator, denominator = value.as_integer_ratio()
    return str(numerator) if denominator == 1 else f"{numerator}/{denominator}"


def plain(value: Decimal) -> str:
    """`value` as a decimal text, not a digit lost, without exponent."""
    return f"{value:f}"
