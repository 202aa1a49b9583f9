"""Bytes of a request → parsed JSON values, bounded in size, depth and count before parsing."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from pydantic_core import from_json

DEEPEST: Final = 8
"""Brackets within brackets; a batch of months has five."""
_STRING: Final = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?', re.DOTALL)
_OPENING, _CLOSING, _COMMA = b"[{", b"]}", b","[0]
_TOKENS: Final = _OPENING + _CLOSING + b","
_OTHERS: Final = bytes(set(range(256)) - set(_TOKENS))


class BodyRefused(Exception):  # noqa: N818 - a decision, not a fault
    """The whole body is refused: HTTP status, stable code, sentence in French."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.message = message


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A line that is not JSON, or that gives a member twice."""


def read_batch(body: bytes, *, by_line: bool, most: int) -> list[object]:
    """The values of a batch, at most `most`: of a JSON array (or the one object), else a value a
    line, blank lines aside, `Unreadable` in the place of one that is not JSON.

    `BodyRefused`: `too-many-declarations`, `too-deep`, `unreadable-json`, `repeated-member`,
    `empty-batch`.
    """
    values = list(_lines(body, most)) if by_line else _array(body, most)
    if not values:
        raise BodyRefused(400, "empty-batch", "Aucune déclaration dans cet envoi.")
    return values


def _array(body: bytes, most: int) -> list[object]:
    is_array = body.lstrip()[:1] == b"["
    colons = _check_shape(body, most if is_array else None)
    try:
        parsed = from_json(body, allow_inf_nan=False, cache_strings="keys")
    except ValueError:
        message = "Un tableau JSON en UTF-8 est attendu, ou une seule déclaration."
        raise BodyRefused(400, "unreadable-json", message) from None
    if _members(parsed) != colons:
        message = "Un membre est donné deux fois dans un même objet : lequel vaut ?"
        raise BodyRefused(400, "repeated-member", message)
    return parsed if isinstance(parsed, list) else [parsed]


def _lines(body: bytes, most: int) -> Iterator[object]:
    lines = [line for line in body.split(b"\n") if line.strip()]
    if len(lines) > most:
        raise _too_many(most)
    for line in lines:
        colons = _check_shape(line, None)
        try:
            value = from_json(line, allow_inf_nan=False, cache_strings="keys")
        except ValueError:
            yield Unreadable()
        else:
            yield value if _members(value) == colons else Unreadable()


def _members(value: object) -> int:
    """The members of all objects in a value: one a colon, unless a name came twice."""
    if isinstance(value, dict):
        return len(value) + sum(map(_members, value.values()))
    return sum(map(_members, value)) if isinstance(value, list) else 0


def _check_shape(body: bytes, most: int | None) -> int:
    """Depth, and the count of an array's values, from what lies outside strings; the colons
    there."""
    depth = 0
    commas = 0
    outside = _STRING.sub(b"", body)
    for token in outside.translate(None, _OTHERS):
        if token in _OPENING:
            depth += 1
            if depth > DEEPEST:
                message = f"Plus de {DEEPEST} niveaux d'objets et de tableaux."
                raise BodyRefused(400, "too-deep", message)
        elif token in _CLOSING:
            depth -= 1
        elif depth == 1:
            commas += 1
            if most is not None and commas >= most:
                raise _too_many(most)
    return outside.count(b":")


def _too_many(most: int) -> BodyRefused:
    message = f"Plus de {most} déclarations : envoyez-les en plusieurs fois."
    return BodyRefused(413, "too-many-declarations", message)
