"""Complementary indicators, asked for by the sector: never part of the rate."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from services.modulation.domain.exits import months_later, results
from services.modulation.domain.facts import Employment
from services.modulation.domain.findings import ExitVerdict
from services.modulation.domain.ratios import Ratio
from shared.reference.exit_reasons import EMPLOYER_ENDED

KNOWN_SITUATIONS: Final = frozenset({"INACTIF", "SANS NOUVELLE", EMPLOYER_ENDED})
"""Reasons that URIAE's proposal leaves out of the base; ended by the employer: own reading."""

LONG_HOURS: Final = 450
HOURLY_KINDS: Final = frozenset({"AI", "ETTI"})
"""ETTI asked for the rate over exits of more than 450 hours; AI is shown too (own reading)."""

PRESENCES: Final = (3, 6, 12)
"""Months of presence at the exit; the situation after it needs data that Cadran lacks."""

DURABLE: Final = "Emploi durable"


@dataclass(frozen=True, slots=True)
class Complementary:
    """Of a row and a year. Each rate is successes over counted exits, of those that it keeps.

    `over_450_hours` is None for kinds without hours of presence; `durable` are the contracts of
    every durable exit, listed beside it. `by_presence`: rates by months of presence at least.
    """

    without_known_situations: Ratio
    over_450_hours: Ratio | None
    durable: tuple[int, ...]
    by_presence: Mapping[int, Ratio]


def complementary(kind: str, verdicts: Sequence[ExitVerdict]) -> Complementary:
    """The complementary indicators of one row, from the verdicts on its exits."""
    counted = [verdict for verdict in verdicts if verdict.counted]
    return Complementary(
        _rate(counted, lambda one: one.reason_read.label not in KNOWN_SITUATIONS),
        _rate(counted, lambda one: one.presence > LONG_HOURS) if kind in HOURLY_KINDS else None,
        tuple(verdict.contract_id for verdict in counted if verdict.category == DURABLE),
        {months: _rate(counted, _present(months)) for months in PRESENCES},
    )


def hires_by_prescriber(employments: Iterable[Employment], year: int) -> Mapping[str | None, int]:
    """Persons hired in the year by the code of who referred them (None: not said), renewals left
    out; to set against the persons that prescribers positioned."""
    hired = {
        (contract.person, contract.prescriber)
        for contract in employments
        if contract.hired_on.year == year and not contract.renewal
    }
    return Counter(prescriber for _, prescriber in hired)


def _rate(counted: Sequence[ExitVerdict], kept: Callable[[ExitVerdict], bool]) -> Ratio:
    return results(filter(kept, counted))


def _present(months: int) -> Callable[[ExitVerdict], bool]:
    return lambda one: one.left_on >= months_later(one.hired_on, months)
