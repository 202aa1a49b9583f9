"""One text of the feed → its value, or the code of what is wrong with it.

The texts given here are stripped and not empty. Kinds and codes are those of the feed's rules.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import Enum
from types import MappingProxyType
from typing import Final

_DIGITS: Final = re.compile(r"0*([0-9]{1,18})")
_NUMBER: Final = re.compile(r"(-?)0*([0-9]{1,18})(?:\.([0-9]{1,30}?)0*)?")
_DATE: Final = re.compile(
    r"([0-9]{2})/([0-9]{2})/([0-9]{4})(?: +([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9])?"
)


class Kind(Enum):
    """How a column's text is read, and what it becomes."""

    ID = "identifier: digits, 18 at most; an integer"
    COUNT = "version or rank: digits, below a million; an integer"
    YEAR = "civil year: digits, 9999 at most; an integer"
    MONTH = "1 to 12; an integer"
    NUMBER = "decimal, not negative; its canonical text (`400`, `75.5`, `0`)"
    DATE = "DD/MM/YYYY, perhaps with a time; a date"
    ANNEX_STATE = "state of an annex; text"
    MONTH_STATE = "state of a monthly line; text"
    TEXT = "any text; text, its first 1,000 characters"
    CODE = "short text; text, its first 80 characters"
    FLAG = "`true` or `false`; a boolean, anything else unknown"


STATES: Final[Mapping[Kind, frozenset[str]]] = MappingProxyType(
    {
        Kind.ANNEX_STATE: frozenset(
            "BROUILLON SAISI REJETE PROVISOIRE VALIDE HISTORISE CLOTURE ANNULE".split()  # noqa: SIM905
        ),
        Kind.MONTH_STATE: frozenset({"BROUILLON", "SAISI", "DEBLOQUE", "VALIDE"}),
    }
)
INTEGER_LIMITS: Final[Mapping[Kind, int]] = MappingProxyType(
    {Kind.ID: 10**18, Kind.COUNT: 10**6, Kind.YEAR: 10**4, Kind.MONTH: 10**18}
)
"""Integers of a kind are below; the contracts of the events hold no larger one."""

TEXT_LENGTHS: Final[Mapping[Kind, int]] = MappingProxyType({Kind.TEXT: 1_000, Kind.CODE: 80})
"""Characters kept of a text: the contracts of the events hold no longer one."""


@dataclass(frozen=True, slots=True)
class Unreadable:
    """What is wrong with a text: a reject's code."""

    code: str


Value = int | str | date | Unreadable


def read_value(kind: Kind, text: str) -> Value:
    """The value of `text`, or why it has none; of a kind that can be wrong, not of plain texts."""
    if kind in INTEGER_LIMITS:
        return _integer(kind, text)
    if kind in STATES:
        return text if text in STATES[kind] else Unreadable("unknown-state")
    return _READERS[kind](text)


def _integer(kind: Kind, text: str) -> Value:
    matched = _DIGITS.fullmatch(text)
    if matched is None or int(matched[1]) >= INTEGER_LIMITS[kind]:
        return Unreadable("unreadable-number")
    value = int(matched[1])
    if kind is Kind.MONTH and not 1 <= value <= 12:
        return Unreadable("month-out-of-range")
    return value


def _number(text: str) -> Value:
    matched = _NUMBER.fullmatch(text)
    if matched is None:
        return Unreadable("unreadable-number")
    if matched[1]:
        return Unreadable("negative-number")
    decimals = (matched[3] or "").rstrip("0")
    return f"{int(matched[2])}.{decimals}" if decimals else str(int(matched[2]))


def _date(text: str) -> Value:
    matched = _DATE.fullmatch(text)
    try:
        if matched is not None:
            return date(int(matched[3]), int(matched[2]), int(matched[1]))
    except ValueError:
        pass
    return Unreadable("unreadable-date")


_READERS: Final[Mapping[Kind, Callable[[str], Value]]] = MappingProxyType(
    {Kind.NUMBER: _number, Kind.DATE: _date}
)
