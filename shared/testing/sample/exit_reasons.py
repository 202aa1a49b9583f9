"""Why employees leave: the reasons of the official table, numbered as a referential."""

from dataclasses import dataclass
from functools import cache
from random import Random

from shared.reference.exit_reasons import reason_classes

CATEGORIES = {
    "Emploi durable": 1,
    "Emploi de transition": 2,
    "Sorties positives": 3,
    "Autres sorties": 4,
    "Retrait des sorties constatées": 5,
}
EXITS_PERCENT = {1: 21, 2: 15, 3: 20, 4: 40, 5: 4}
"""Of a hundred exits with a reason, how many in each category."""


@dataclass(frozen=True, slots=True)
class Reason:
    """A row of RefMotifSort: its id, its code, its label, the id of its category."""

    id: int
    code: int
    label: str
    category: int


@cache
def reasons() -> tuple[Reason, ...]:
    """Every reason that the official table files under a category of the ASP."""
    rows = [row for row in reason_classes().values() if row.asp_category]
    return tuple(
        Reason(number, 9 + number, row.label, CATEGORIES[row.asp_category])
        for number, row in enumerate(rows, start=1)
    )


@cache
def _by_percent() -> tuple[tuple[str, str], ...]:
    """A hundred (id, code), each category as often as exits end so."""
    drawn: list[tuple[str, str]] = []
    for category, percent in EXITS_PERCENT.items():
        among = [reason for reason in reasons() if reason.category == category]
        for number in range(percent):
            reason = among[number % len(among)]
            drawn.append((str(reason.id), str(reason.code)))
    return tuple(drawn)


def draw_reason(rng: Random) -> tuple[str, str]:
    """Id and code of a reason; both empty once in thirty exits."""
    if rng.random() * 30 < 1:
        return "", ""
    return _by_percent()[int(100 * rng.random())]
