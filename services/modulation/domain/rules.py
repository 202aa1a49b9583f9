"""The dated national rule sets: thresholds, weights and bases, the same for every SIAE."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from types import MappingProxyType
from typing import Final


@dataclass(frozen=True, slots=True)
class RuleSet:
    """Parameters of the exercises from `first_exercise` to the next set's.

    Weights (criteria 1, 2, 3), mean and cap are those of Instruction DGEFP 2018/239. A contracted
    row under `automatic_under_months` months gets the mean without being compared.
    `support_bases`: hours of one annual ETP of support, paid for ACI, worked elsewhere (annex 3).
    `minimum_months`, `minimum_hours`: presence without which an exit does not count; the text's
    own value is illegible, these are what Pilotage de l'inclusion documents (own reading).
    """

    name: str
    first_exercise: int
    automatic_under_months: int
    weights: tuple[Fraction, Fraction, Fraction]
    mean: Fraction
    cap: Fraction
    support_bases: Mapping[str, int]
    minimum_months: Mapping[str, int]
    minimum_hours: Mapping[str, int]


_FIRST: Final = RuleSet(
    name="regles-2018",
    first_exercise=2018,
    automatic_under_months=12,
    weights=(Fraction(7, 20), Fraction(2, 5), Fraction(1, 4)),
    mean=Fraction(1, 20),
    cap=Fraction(1, 10),
    support_bases=MappingProxyType({"ACI": 1820, "AI": 1607, "EI": 1607, "ETTI": 1607}),
    minimum_months=MappingProxyType({"ACI": 3, "EI": 3}),
    minimum_hours=MappingProxyType({"AI": 150, "ETTI": 150}),
)

RULE_SETS: Final = (
    _FIRST,
    replace(_FIRST, name="regles-2019", first_exercise=2019, automatic_under_months=0),
)
"""Earliest first. The set of 2019 is kept for the exercises after it (own reading)."""

FIRST_EXERCISE: Final = RULE_SETS[0].first_exercise


def rule_set(exercise: int) -> RuleSet:
    """The rules of an exercise (results of the year before); the earliest before `FIRST_EXERCISE`,
    for indicators without allocation."""
    in_force = [rules for rules in RULE_SETS if rules.first_exercise <= exercise]
    return in_force[-1] if in_force else RULE_SETS[0]
