"""Measures of the ASP (`ACI_DC`): kind and regime of an annex, and which annexes count
(domain rule 1 of the ETP follow-up)."""

from dataclasses import dataclass
from typing import Final, Literal, get_args

Kind = Literal["ACI", "AI", "EI", "ETTI", "EITI", "ACIPA", "EIPA"]
KINDS: Final[tuple[str, ...]] = get_args(Kind)
"""Kinds that grant posts; ACIPA and EIPA are the *contrats passerelles* of ACI and EI."""

WITHOUT_POSTS: Final = "FDI"
"""A grant without posts: known, and never counted."""

REGIMES: Final = ("DC", "MP")
"""*Droit commun* and *milieu pénitentiaire*."""

COUNTED_STATES: Final = frozenset({"VALIDE", "PROVISOIRE", "CLOTURE"})


@dataclass(frozen=True, slots=True)
class Measure:
    """What a measure code says. Of an unknown code, `kind` and `regime` are its parts as they
    are written, and `known` is false."""

    kind: str
    regime: str
    known: bool


def read_measure(code: str) -> Measure:
    """`ACI_DC` → ACI, DC. Nothing is refused: an unknown code is kept and does not count."""
    kind, _, regime = code.strip().partition("_")
    known = kind in {*KINDS, WITHOUT_POSTS} and regime in REGIMES
    return Measure(kind, regime, known)


def is_counted(measure: Measure, state: str) -> bool:
    """Does an annex version count: VALIDE, PROVISOIRE or CLOTURE, a known measure, not FDI."""
    return measure.known and measure.kind != WITHOUT_POSTS and state in COUNTED_STATES
