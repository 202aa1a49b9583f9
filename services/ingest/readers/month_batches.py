"""A batch of whole months and nothing else, read at once when nothing is wrong with its form.

Months are what machines send by thousands of lines. It says yes or no: what is wrong, and where,
`read_declaration` tells, one declaration at a time.
"""

from collections.abc import Sequence
from itertools import chain, repeat
from operator import is_
from typing import Any, Final, Literal

import msgspec
from msgspec import UNSET
from pydantic import TypeAdapter

from services.ingest.domain.declarations import (
    LONGEST_MONTH,
    Declaration,
    DeclaredLine,
    MonthDeclaration,
)
from services.ingest.domain.declared_months import DeclaredMonth, Line
from shared.contracts.fields import DecimalText
from shared.contracts.registry import DocumentType


class _Form(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    type: Literal["monthly-state"]
    data: DeclaredMonth


_BATCH: Final = msgspec.json.Decoder(list[_Form])
_DECIMALS: Final = TypeAdapter(list[DecimalText])
_WORD: Final = b'"monthly-state"'
_MADE_HERE: Final = (b'"hash_key_id"', b'"person"')
"""Members of a published month that a declaration does not have."""
_AROUND_LINES: Final = len(_Form.__struct_fields__) + len(MonthDeclaration.model_fields)
_MOST_OF_LINE: Final = len(DeclaredLine.__annotations__)
"""Members of a declaration and its data; those that a line may have."""


def read_months(body: bytes, most: int) -> list[Declaration] | None:
    """The months of a JSON array of at most `most`; None when it is anything else, or when one of
    them has a fault of form."""
    # How many there are is bounded before parsing: each bears its type's word.
    if b"\\" in body or body.count(_WORD) > most:
        return None
    try:
        months = [form.data for form in _BATCH.decode(body)]
        lines = list(chain.from_iterable(month.lines for month in months))
        texts = {line.hours for line in lines} | {line.asp_etp for line in lines}
        _DECIMALS.validate_python([*texts - {None}])
    except (msgspec.MsgspecError, ValueError):
        return None
    lengths_are_right = all(0 < len(month.lines) <= LONGEST_MONTH for month in months)
    if not months or not lengths_are_right or not _is_told_once(body, len(months), lines):
        return None
    return [Declaration(DocumentType.MONTHLY_STATE, month, withdrawn=False) for month in months]


def _is_told_once(body: bytes, months: int, lines: Sequence[Line]) -> bool:
    """Does the body hold what was read of it, each member once, and nothing else?

    It has a colon for each member, since no text that is right has any.
    """
    persons = [line.person_id for line in lines]
    absent = _count([line.asp_etp for line in lines], None)
    absent += _count([line.contract_id for line in lines], None)
    absent += _count(persons, None) + _count(persons, UNSET)
    told = months * _AROUND_LINES + len(lines) * _MOST_OF_LINE - absent
    colons = body.count(b":")
    if told == colons:
        return True
    # Null and absent are read alike: where there are nulls, members are counted as written. The
    # shape is known by now, so that this takes a seventh of what `bodies` needs for any.
    forms = msgspec.json.decode(body)
    written = sum(len(form) + len(form["data"]) for form in forms)
    written += sum(len(line) for form in forms for line in form["data"]["lines"])
    return written == colons and not any(word in body for word in _MADE_HERE)


def _count(values: Sequence[Any], value: Any) -> int:
    return sum(map(is_, values, repeat(value)))
