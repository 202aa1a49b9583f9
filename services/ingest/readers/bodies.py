"""Bytes of a request → parsed JSON values, bounded in size, depth and count before parsing."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate, chain
from typing import Any, Final

from pydantic_core import from_json

DEEPEST: Final = 8
"""Brackets within brackets; a batch of months has five."""
_AS_LISTS: Final = bytes.maketrans(b"{}", b"[]")
_NO_TOKENS: Final = bytes(set(range(256)) - set(b'[{]},:"'))
_STEPS: Final = {b"["[0]: 1, b"]"[0]: -1}
_INNERMOST: Final = re.compile(rb"\[,*+\]")
_NESTED: Final = (dict, list)


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
    members = _check_shape(body, most if body.lstrip()[:1] == b"[" else None)
    try:
        parsed = from_json(body, allow_inf_nan=False, cache_strings="keys")
    except ValueError:
        message = "Un tableau JSON en UTF-8 est attendu, ou une seule déclaration."
        raise BodyRefused(400, "unreadable-json", message) from None
    if _members(parsed) != members:
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
    members = 0
    level: list[Any] = [value]
    while level:
        objects = [one for one in level if type(one) is dict]
        lists = [one for one in level if type(one) is list]
        members += sum(map(len, objects))
        held = chain(chain.from_iterable(lists), chain.from_iterable(map(dict.values, objects)))
        level = [one for one in held if type(one) in _NESTED]
    return members


def _check_shape(body: bytes, most: int | None) -> int:
    """Depth, and the count of an array's values, from what lies outside strings; the colons
    there. Each step is one pass of C: a batch has some hundred thousand tokens."""
    outside = _outside_strings(body)
    lists = outside.translate(_AS_LISTS, b":")
    depths = accumulate(map(_STEPS.__getitem__, lists.translate(None, b",")))
    if max(depths, default=0) > DEEPEST:
        message = f"Plus de {DEEPEST} niveaux d'objets et de tableaux."
        raise BodyRefused(400, "too-deep", message)
    if most is not None and _commas_of_array(lists) >= most:
        raise _too_many(most)
    return len(outside) - len(lists)


def _outside_strings(body: bytes) -> bytes:
    """The brackets, commas and colons outside strings: what an even number of quotes precedes,
    those that are escaped aside."""
    if b"\\" in body:
        body = body.replace(rb"\\", b"").replace(rb"\"", b"")
    quotes = body.translate(None, _NO_TOKENS)
    return b"".join(quotes.replace(b'""', b"").split(b'"')[::2])


def _commas_of_array(lists: bytes) -> int:
    """The commas of the outermost list, once all that is whole within it is taken out."""
    own = lists[1:]
    for _ in range(DEEPEST):
        own = _INNERMOST.sub(b"", own)
    return len(own) - len(own.lstrip(b","))


def _too_many(most: int) -> BodyRefused:
    message = f"Plus de {most} déclarations : envoyez-les en plusieurs fois."
    return BodyRefused(413, "too-many-declarations", message)
