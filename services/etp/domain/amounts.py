"""Amounts of an annex, in euros (rule 9). Granted is the delivered total, as delivered."""

from decimal import Decimal
from fractions import Fraction


def used_amount(validated_annual_etp: Fraction, unit_amount: Decimal | None) -> Fraction | None:
    """Validated annual ETP × euros per ETP and year: exact, not capped at the granted total.

    None when the unit amount is unknown. Sums are made before rounding to the cent.
    """
    return None if unit_amount is None else validated_annual_etp * Fraction(unit_amount)
