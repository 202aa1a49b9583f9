"""Contracted and realised posts, their mean, rate and class (rules 3 to 8).

Posts are exact: monthly ETP unless a name says annual. Hours are sums, divided once.
"""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Final

DEFAULT_TOLERANCE: Final = Fraction(1, 100)
"""Relative distance to the contracted posts, bound included, within which an annex conforms."""


class ConsumptionClass(StrEnum):
    """Classes of rule 8, as shown."""

    OUT_OF_CONTRACT = "hors convention"
    UNDECLARED = "non déclaré"
    CONFORMING = "conforme"
    UNDER = "sous-consommation"
    OVER = "sur-consommation"


def annual_contracted(contracted: Fraction, months: int) -> Fraction:
    """`E·n/12`, annual ETP of an annex of `months` months."""
    return contracted * months / 12


def department_part(total: Decimal | None, cofinanced: Decimal) -> Fraction:
    """The département's part of an annex: `C/T`, 0 without cofinancing or when `T` is 0 or
    unknown, 1 when `C > T`. The State's part is the rest."""
    if not total:
        return Fraction(0)
    return min(Fraction(cofinanced) / Fraction(total), Fraction(1))


def annual_realised(hours: Decimal, hours_base: Decimal) -> Fraction:
    """Annual ETP of `hours` of an annex whose yearly ETP is `hours_base` hours."""
    hours_up, hours_down = hours.as_integer_ratio()
    base_up, base_down = hours_base.as_integer_ratio()
    return Fraction(hours_up * base_down, hours_down * base_up)


def monthly_realised(hours: Decimal, hours_base: Decimal) -> Fraction:
    """Monthly ETP of `hours`; of several months' hours, the sum of their monthly ETP."""
    return 12 * annual_realised(hours, hours_base)


def mean_realised(realised_sum: Fraction, validated_months: int) -> Fraction | None:
    """Mean over the validated months; None when there is none (a hole is not a zero)."""
    return realised_sum / validated_months if validated_months else None


def consumption_rate(realised: Fraction | None, contracted: Fraction) -> Fraction | None:
    """Realised over contracted, of the same validated annex-months; None without contracted
    posts, or without anything validated."""
    return realised / contracted if realised is not None and contracted else None


def classify(
    realised: Fraction | None, contracted: Fraction, tolerance: Fraction = DEFAULT_TOLERANCE
) -> ConsumptionClass:
    """The class of a realised figure against the contracted one, both monthly or both annual;
    None is nothing validated."""
    if contracted == 0:
        return ConsumptionClass.OUT_OF_CONTRACT
    if realised is None:
        return ConsumptionClass.UNDECLARED
    if abs(realised - contracted) <= tolerance * contracted:
        return ConsumptionClass.CONFORMING
    return ConsumptionClass.UNDER if realised < contracted else ConsumptionClass.OVER


@dataclass(frozen=True, slots=True)
class AnnualView:
    """The budget view of an annex, in annual ETP: consumed to date, its share of `E·n/12`
    (None when nothing is contracted) and what remains (negative beyond the grant)."""

    consumed: Fraction
    share: Fraction | None
    remaining: Fraction


def annual_view(consumed: Fraction, contracted: Fraction) -> AnnualView:
    """The budget view of the validated months' annual ETP against `E·n/12`."""
    return AnnualView(consumed, consumption_rate(consumed, contracted), contracted - consumed)
