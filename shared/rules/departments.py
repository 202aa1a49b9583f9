"""The department of an annex, from its number (rule 10): kind, then 3 characters."""

import re
from enum import StrEnum
from typing import Final, NamedTuple

from shared.reference.departments import departments
from shared.rules.measures import KINDS, WITHOUT_POSTS

_THREE_CHARACTERS: Final = re.compile(
    r"0(?P<corsica>2[AB])|(?P<digits>[0-9]{3})|(?P<old>[0-9]{2})[A-Z]", re.ASCII
)
_LONGEST_FIRST: Final = sorted((*KINDS, WITHOUT_POSTS), key=len, reverse=True)


class DepartmentOrigin(StrEnum):
    """Where the department of an annex comes from; each fallback is counted."""

    NUMBER = "number"
    OLD_NUMBER = "old-number"
    INSEE = "insee"
    """The number names none: the INSEE code of the structure does."""
    UNKNOWN = "unknown"


class NumberDepartment(NamedTuple):
    """What a number says: a department code (`54`, `2A`, `972`) and how, or None twice."""

    code: str | None
    origin: DepartmentOrigin | None


def annex_department(number: str, kind: str) -> NumberDepartment:
    """The department that an annex number names.

    The number is read with the annex's own kind; when what follows is not a department's place
    (an ACIPA numbered `ACI075…`), with the longest kind that the number begins with. A code that
    is no department names none.
    """
    text = number.strip().upper()
    for prefix in (kind, *_LONGEST_FIRST):
        if text.startswith(prefix) and (place := _THREE_CHARACTERS.match(text, len(prefix))):
            return _named(place)
    return NumberDepartment(None, None)


def _named(place: re.Match[str]) -> NumberDepartment:
    origin = DepartmentOrigin.OLD_NUMBER if place["old"] else DepartmentOrigin.NUMBER
    code = place["corsica"] or place["old"] or place["digits"].removeprefix("0")
    return NumberDepartment(code, origin) if code in departments() else NumberDepartment(None, None)
