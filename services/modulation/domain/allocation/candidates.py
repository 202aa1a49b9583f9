"""Who takes part in a group, and how each is treated (step 1)."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import Final, NamedTuple

from services.modulation.domain.ratios import Triple
from services.modulation.domain.rows import CRITERIA, FLAT_TYPES, TYPES
from services.modulation.domain.rules import FIRST_EXERCISE, rule_set

MINIMUM_SOCLE_CENTS: Final = 20
"""From there on 5 % rounded up is within the cap of 10 % rounded down, whatever the group."""

MONTHS_OF_A_YEAR: Final = 12


class Treatment(StrEnum):
    """How a row gets its part."""

    NONE = "NONE"
    """Nothing: no socle, no month conventioned, or no known region to be compared in."""
    FLAT = "FLAT"
    """5 %, never compared: MP sites."""
    AUTO = "AUTO"
    """5 % without comparison: exercise 2018, contracted under 12 months."""
    COMPARED = "COMPARED"


class GroupKey(NamedTuple):
    """Rows compared with one another."""

    exercise: int
    region: str
    type: str


@dataclass(frozen=True, slots=True)
class Candidate:
    """A row to allocate to: indicators of the year before `exercise`, socle in euro cents.

    `region` is empty when unknown: such a row is shown, and gets nothing (own reading).
    """

    exercise: int
    region: str
    type: str
    structure_id: int
    months_conventioned: int
    socle_cents: int
    ratios: Triple

    @property
    def group(self) -> GroupKey:
        """The group that it is compared in."""
        return GroupKey(self.exercise, self.region, self.type)

    @property
    def treatment(self) -> Treatment:
        """How it gets its part."""
        if self.socle_cents == 0 or self.months_conventioned == 0 or not self.region:
            return Treatment.NONE
        if self.type in FLAT_TYPES:
            return Treatment.FLAT
        if self.months_conventioned < rule_set(self.exercise).automatic_under_months:
            return Treatment.AUTO
        return Treatment.COMPARED


class Refusal(NamedTuple):
    """Why a candidate is refused: the column at fault, and the reason in French."""

    column: str
    reason: str


def refusals(candidate: Candidate) -> Iterator[Refusal]:
    """All that forbids to allocate to a candidate; a group with one is not allocated."""
    if candidate.exercise < FIRST_EXERCISE:
        yield Refusal("exercise", f"aucune règle avant l'exercice {FIRST_EXERCISE}")
    if candidate.type not in TYPES:
        yield Refusal("type", f"type sans modulation (types : {', '.join(TYPES)})")
    if not 0 <= candidate.months_conventioned <= MONTHS_OF_A_YEAR:
        yield Refusal("months_conventioned", "un nombre de mois va de 0 à 12")
    if candidate.socle_cents < 0:
        yield Refusal("socle_eur_cents", "montant négatif")
    elif 0 < candidate.socle_cents < MINIMUM_SOCLE_CENTS:
        yield Refusal(
            "socle_eur_cents", f"socle positif de moins de {MINIMUM_SOCLE_CENTS} centimes"
        )
    for criterion, ratio in zip(CRITERIA, candidate.ratios, strict=True):
        for name, part in zip(("num", "den"), ratio, strict=True):
            if part is not None and part < Fraction(0):
                yield Refusal(f"ind{criterion}_{name}", "nombre négatif")
