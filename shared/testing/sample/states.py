"""How far a month has been declared, by its age: state, version, holes, late months."""

from dataclasses import dataclass
from random import Random

from shared.testing.sample.months import feed_day

STATE_IDS = {"BROUILLON": "1", "SAISI": "2", "DEBLOQUE": "3", "VALIDE": "4"}

BY_AGE = (
    (30, 45, 15, 10, 0),
    (72, 14, 6, 6, 2),
    (90, 3, 1, 4, 2),
    (95, 2, 0, 2, 1),
)
"""Of a hundred months 0, 1, 2, 3 months old: validated, entered, draft, not declared, reopened."""
OLD = (984, 3, 0, 9, 4)
"""The same of a thousand older months."""
NAMES = ("VALIDE", "SAISI", "BROUILLON", "", "DEBLOQUE")


@dataclass(frozen=True, slots=True)
class Declaration:
    """The state of a month (empty: a hole), the version of its lines, its day of validation.

    `former` says that the delivery holds the lines of the version before too.
    """

    state: str
    version: int
    validated_on: str
    former: bool


def draw_declaration(rng: Random, month: int, last_month: int) -> Declaration:
    """What a site has declared of `month` in a feed that ends with `last_month`."""
    age = last_month - month
    weights = BY_AGE[age] if age < len(BY_AGE) else OLD
    drawn = rng.random() * sum(weights)
    state = NAMES[0]
    for name, weight in zip(NAMES, weights, strict=True):
        state = name
        drawn -= weight
        if drawn < 0:
            break
    again = rng.random()
    version = 2 if again < 0.035 else 1
    late = 1 + (3 + int(4 * rng.random()) if rng.random() < 0.03 else 0)
    day = 3 + int(rng.random() * 24)
    if month + late > last_month:
        late, day = last_month + 1 - month, min(day, 7)
    validated_on = feed_day(month + late, day) if state == "VALIDE" else ""
    return Declaration(state, version, validated_on, former=again < 0.005)
