"""The one place where figures are rounded: half up, when shown and never before."""

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
