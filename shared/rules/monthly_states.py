"""What a declared month amounts to: the lines that count, their hours, its state (rules 4, 5)."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Context, Decimal, Inexact, InvalidOperation, localcontext
from typing import Final, NamedTuple

STATES: Final = ("BROUILLON", "SAISI", "DEBLOQUE", "VALIDE")
"""States of a monthly line, least advanced first."""

VALIDATED: Final = "VALIDE"
VALIDATING_RANK: Final = 1
"""The rank of sources whose months are validated by their state; others' are provisional."""

_ADVANCEMENT: Final = {state: place for place, state in enumerate(STATES)}
_EXACT: Final = Context(prec=200, traps=[Inexact, InvalidOperation])


@dataclass(frozen=True, slots=True)
class MonthLines:
    """The delivered lines of one annex and month, as sequences of one length (at least 1).

    `hours` are decimal text, not negative; a line bears a contract, or else a person.
    """

    ids: Sequence[int]
    versions: Sequence[int]
    states: Sequence[str]
    hours: Sequence[str]
    contracts: Sequence[int | None]
    persons: Sequence[str | None]


def is_validated(state: str, rank: int) -> bool:
    """Is a declared month validated: its state, by a source that may (rank 1, the ASP's)."""
    return state == VALIDATED and rank == VALIDATING_RANK


class MonthFigures(NamedTuple):
    """`state` is the least advanced of the lines that count; `lines` is how many they are and
    `hours` their exact sum, of the annex's own base (paid hours for ACI, worked elsewhere)."""

    state: str
    mixed_states: bool
    lines: int
    hours: Decimal


def month_figures(lines: MonthLines) -> MonthFigures:
    """The figures of a month, over the lines that count."""
    states, hours = lines.states, lines.hours
    if not _every_line_counts(lines):
        counted = counted_lines(lines)
        states = [states[place] for place in counted]
        hours = [hours[place] for place in counted]
    distinct = set(states)
    state = min(distinct, key=_ADVANCEMENT.__getitem__)
    return MonthFigures(state, len(distinct) > 1, len(states), exact_sum(hours))


class Holder(NamedTuple):
    """Who worked the hours of lines that count: a contract, or the person of a line without one,
    and their exact sum."""

    contract: int | None
    person: str | None
    hours: Decimal


def month_holders(lines: MonthLines) -> tuple[str, list[Holder]]:
    """The state of a month (the least advanced of the lines that count), and its holders."""
    counted = range(len(lines.ids)) if _every_line_counts(lines) else counted_lines(lines)
    hours: dict[tuple[int | None, str | None], list[str]] = {}
    for place in counted:
        contract = lines.contracts[place]
        person = lines.persons[place] if contract is None else None
        hours.setdefault((contract, person), []).append(lines.hours[place])
    state = min((lines.states[place] for place in counted), key=_ADVANCEMENT.__getitem__)
    return state, [Holder(*holder, exact_sum(texts)) for holder, texts in hours.items()]


def _every_line_counts(lines: MonthLines) -> bool:
    """The common case, told at once: one version, and no line twice."""
    one_version = lines.versions.count(lines.versions[0]) == len(lines.versions)
    return one_version and len(set(lines.ids)) == len(lines.ids)


def counted_lines(lines: MonthLines) -> list[int]:
    """Places of the lines that count: a (line id, version) pair once, then, of each contract
    (of each person among the lines without contract), the lines of the highest version."""
    once: dict[tuple[int, int], int] = {}
    for place, line in enumerate(zip(lines.ids, lines.versions, strict=True)):
        once.setdefault(line, place)
    holders: list[int | str | None] = [
        person if contract is None else contract
        for contract, person in zip(lines.contracts, lines.persons, strict=True)
    ]
    highest: dict[int | str | None, int] = {}
    for (_, version), place in once.items():
        highest[holders[place]] = max(version, highest.get(holders[place], version))
    return [place for (_, version), place in once.items() if version == highest[holders[place]]]


def exact_sum(hours: Sequence[str]) -> Decimal:
    """The sum of decimal texts, not a digit lost."""
    if "." not in "".join(hours):
        return Decimal(sum(map(int, hours)))
    with localcontext(_EXACT):
        return sum(map(Decimal, hours), Decimal())
