"""A batch of whole months and nothing else, read at once when nothing is wrong with its form.

Months are what machines send by thousands of lines. Here their lines become columns, and the
contract's own types judge each value of a column once. It says yes or no: what is wrong, and
where, `read_declaration` tells, one declaration at a time.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate, chain, pairwise
from operator import attrgetter
from typing import Any, Final, Literal, get_args, get_type_hints

import msgspec
from msgspec import UNSET, UnsetType
from pydantic import TypeAdapter, ValidationError

from services.ingest.domain.declarations import (
    LONGEST_MONTH,
    Declaration,
    DeclaredLine,
    DeclaredLines,
    DeclaredMonth,
    MonthDeclaration,
)
from shared.contracts.registry import DocumentType

_KIND: Final = DocumentType.MONTHLY_STATE
_WORD: Final = f'"{_KIND.value}"'.encode()
_OF_MONTH: Final[Mapping[str, Any]] = {
    name: field.rebuild_annotation()
    for name, field in MonthDeclaration.model_fields.items()
    if name != "lines"
}
_OF_LINE: Final[Mapping[str, Any]] = {
    name: get_args(hint)[0]
    for name, hint in get_type_hints(DeclaredLine, include_extras=True).items()
}
_OPTIONAL: Final = DeclaredLine.__optional_keys__


def _values(hint: Any) -> TypeAdapter[Any]:
    return TypeAdapter(list[hint])


_VALUES: Final = {name: _values(hint) for name, hint in {**_OF_MONTH, **_OF_LINE}.items()}


def _form(name: str, *members: Any) -> Any:
    return msgspec.defstruct(name, members, forbid_unknown_fields=True, gc=False)


_Line: Any = _form(
    "_Line",
    *(
        (name, hint | UnsetType, UNSET) if name in _OPTIONAL else (name, hint)
        for name, hint in _OF_LINE.items()
    ),
)
_Month: Any = _form("_Month", *_OF_MONTH.items(), ("lines", list[_Line]))
_Form: Any = _form("_Form", ("type", Literal[_KIND.value]), ("data", _Month))
_BATCH: Final = msgspec.json.Decoder(list[_Form])
_AROUND_LINES: Final = len(_Form.__struct_fields__) + len(_Month.__struct_fields__)
"""Members of a declaration and of its data; a line has its own."""


def read_months(body: bytes, most: int) -> list[Declaration] | None:
    """The months of a JSON array of at most `most`; None when it is anything else, or when one of
    them has a fault of form."""
    months = _months(body, most)
    lines = list(chain.from_iterable(month.lines for month in months))
    of_month, of_line = _columns(months, _OF_MONTH), _columns(lines, _OF_LINE)
    members = len(months) * _AROUND_LINES + len(lines) * len(_OF_LINE)
    for name in _OPTIONAL:
        of_line[name], absent = _told(of_line[name])
        members -= absent
    # The body has a colon for each member, and more when one came twice: no right text has any.
    if not months or members != body.count(b":") or not _are_right({**of_month, **of_line}):
        return None
    ends = accumulate((len(month.lines) for month in months), initial=0)
    read = (
        DeclaredMonth(month.annex_id, month.year, month.month, _between(of_line, start, end))
        for month, (start, end) in zip(months, pairwise(ends), strict=True)
    )
    return [Declaration(_KIND, month, withdrawn=False) for month in read]


def _months(body: bytes, most: int) -> Sequence[Any]:
    """The months of a body, whose types are right and whose values may be anything; none when it
    holds anything else. Their count is bounded before parsing: each bears its type's word."""
    if b"\\" in body or body.count(_WORD) > most:
        return ()
    try:
        months = [form.data for form in _BATCH.decode(body)]
    except (msgspec.MsgspecError, ValueError):
        return ()
    return months if all(0 < len(month.lines) <= LONGEST_MONTH for month in months) else ()


def _columns(rows: Sequence[Any], names: Iterable[str]) -> dict[str, list[Any]]:
    return {name: list(map(attrgetter(name), rows)) for name in names}


def _told(column: list[Any]) -> tuple[list[Any], int]:
    """A column with None where nothing was said, and how often that is."""
    if UNSET not in set(column):
        return column, 0
    told = [None if value is UNSET else value for value in column]
    return told, column.count(UNSET)


def _are_right(columns: Mapping[str, list[Any]]) -> bool:
    """Is each value of each column what the contract asks for?"""
    try:
        for name, column in columns.items():
            _VALUES[name].validate_python(list(set(column)), strict=True)
    except ValidationError:
        return False
    return True


def _between(of_line: Mapping[str, list[Any]], start: int, end: int) -> DeclaredLines:
    return DeclaredLines(*(of_line[name][start:end] for name in DeclaredLines._fields))
