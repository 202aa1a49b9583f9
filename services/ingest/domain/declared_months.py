"""A declared month: as read from JSON, as its document, and what is kept with a warning.

A batch has thousands of lines, and nearly all are published as they were declared: one type is
read and written, and the few lines that name a person alone are made anew. The document is, to the
byte, the one that `payloads.month_documents` makes of the same lines of the feed.
"""

from collections.abc import Iterator, Sequence
from operator import attrgetter, lt
from typing import Annotated, Any, Final, get_args

import msgspec
from msgspec import UNSET, UnsetType
from msgspec.structs import replace
from pydantic.fields import FieldInfo

from services.ingest.domain.documents import Document, digest
from services.ingest.domain.keys import month_period
from services.ingest.domain.pseudonyms import PersonHash
from shared.contracts import fields
from shared.contracts.monthly_state_v1 import MonthlyStateState
from shared.contracts.registry import DocumentType
from shared.rules.monthly_states import MonthFigures, MonthLines, month_figures


def _limits(hint: Any) -> msgspec.Meta:
    """Those of an integer of the contracts."""
    (field,) = (one for one in get_args(hint) if isinstance(one, FieldInfo))
    names = ("ge", "le", "lt")
    return msgspec.Meta(
        **{
            name: getattr(one, name)
            for one in field.metadata
            for name in names
            if hasattr(one, name)
        }
    )


_Id = Annotated[int, _limits(fields.Id)]


class Line(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    """A declared line (`DeclaredLine`), its fields in the order in which they are published.
    `person` is a pseudonym, which the door makes; `person_id` is never published."""

    line_id: _Id
    version: Annotated[int, _limits(fields.Count)]
    state: MonthlyStateState
    hours: str
    asp_etp: str | None = None
    contract_id: _Id | None = None
    person: str | None = None
    person_id: _Id | UnsetType | None = UNSET


class DeclaredMonth(msgspec.Struct, forbid_unknown_fields=True, gc=False, kw_only=True):
    """A declared month (`MonthDeclaration`); `hash_key_id` tells the key of its pseudonyms."""

    annex_id: _Id
    year: Annotated[int, _limits(fields.Year)]
    month: Annotated[int, _limits(fields.Month)]
    hash_key_id: str | None = None
    lines: list[Line]


_JSON: Final = msgspec.json.Encoder()
_ORDER: Final = attrgetter("line_id", "version")


def month_document(month: DeclaredMonth, owner: int, persons: PersonHash) -> Document:
    """The document of a month whose annex is `owner`'s: its lines in the order of (line id,
    version), those without contract by a pseudonym."""
    if {line.person_id for line in month.lines} != {UNSET}:
        month = _without_person_ids(month, persons)
    ids = [line.line_id for line in month.lines]
    if not all(map(lt, ids, ids[1:])):
        month = replace(month, lines=sorted(month.lines, key=_ORDER))
    payload = _JSON.encode(month)
    key = (month.annex_id, month_period(month.year, month.month))
    return Document(
        DocumentType.MONTHLY_STATE, key, month.annex_id, owner, payload, digest(payload)
    )


def _without_person_ids(month: DeclaredMonth, persons: PersonHash) -> DeclaredMonth:
    lines = [_without_person_id(line, month.annex_id, persons) for line in month.lines]
    hashed = any(line.person is not None for line in lines)
    return replace(month, hash_key_id=persons.key_id if hashed else None, lines=lines)


def _without_person_id(line: Line, annex_id: int, persons: PersonHash) -> Line:
    if line.person_id is UNSET:
        return line
    person = None
    if line.contract_id is None and line.person_id is not None:
        person = persons.of_annex(annex_id, line.person_id)
    return replace(line, person=person, person_id=UNSET)


def month_warnings(month: DeclaredMonth) -> Iterator[str]:
    """Codes of what is odd and kept: `mixed-versions`, `mixed-states` (of the lines that count)."""
    if len({line.version for line in month.lines}) > 1:
        yield "mixed-versions"
    if len({line.state for line in month.lines}) > 1 and _figures(month.lines).mixed_states:
        yield "mixed-states"


def _figures(lines: Sequence[Line]) -> MonthFigures:
    """Those of rules 4 and 5; who a line without contract is of, any text tells."""
    return month_figures(
        MonthLines(
            ids=[line.line_id for line in lines],
            versions=[line.version for line in lines],
            states=[line.state for line in lines],
            hours=[line.hours for line in lines],
            contracts=[line.contract_id for line in lines],
            persons=[str(line.person_id) for line in lines],
        )
    )
