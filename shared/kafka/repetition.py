"""A JSON object that gives a member twice has no one meaning (RFC 7493, 2.3): readers differ."""

import json
from typing import Any

from shared.contracts.fields import Contract


def repeats_a_member(value: bytes, data: Contract) -> bool:
    """Does an object of `value`, from which `data` was read, bear a member twice?

    Every member has its colon: a body with as many colons as `data` has members repeats none. The
    others (colons in texts, members that we ignore) are read again, slowly.
    """
    colons = value.count(b":")
    if colons == len(data.model_fields_set):
        return False
    return colons != _members(data) and not _are_members_unique(value)


def _members(data: Contract) -> int:
    """The members that were read, those of lists of objects included."""
    count = len(data.model_fields_set)
    for field in data.__dict__.values():
        if isinstance(field, list) and field:
            count += sum(map(len if isinstance(field[0], dict) else _members, field))
    return count


class _RepeatedError(ValueError):
    """A member came twice."""


def _once(pairs: list[tuple[str, Any]]) -> None:
    if len({name for name, _ in pairs}) != len(pairs):
        raise _RepeatedError


def _are_members_unique(value: bytes) -> bool:
    try:
        json.loads(value, object_pairs_hook=_once, parse_int=str, parse_float=str)
    except _RepeatedError:
        return False
    return True
