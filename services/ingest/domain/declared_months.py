"""A declared month → its document, and what is kept with a warning.

The document is, to the byte, the one that `payloads.month_documents` makes of the same lines of the
feed: the same month declared through both doors is the same, and is published once.
"""

from collections.abc import Iterator
from itertools import starmap
from operator import attrgetter
from typing import Final

import msgspec

from services.ingest.domain.declarations import DeclaredLines, DeclaredMonth
from services.ingest.domain.documents import Document, digest
from services.ingest.domain.keys import month_period
from services.ingest.domain.pseudonyms import PersonHash
from shared.contracts.registry import DocumentType
from shared.rules.monthly_states import MonthLines, month_figures


class _Line(msgspec.Struct, gc=False):
    """As published, nothing left out."""

    line_id: int
    version: int
    state: str
    hours: str
    asp_etp: str | None
    contract_id: int | None
    person: str | None


class _Month(msgspec.Struct, gc=False):
    annex_id: int
    year: int
    month: int
    hash_key_id: str | None
    lines: list[_Line]


_JSON: Final = msgspec.json.Encoder()
_BY_ID: Final = attrgetter("line_id", "version")


def month_document(month: DeclaredMonth, owner: int, persons: PersonHash) -> Document:
    """The document of a month whose annex is `owner`'s: its lines in the order of (line id,
    version), those without contract by a pseudonym."""
    lines, annex_id = month.lines, month.annex_id
    pseudonyms = _pseudonyms(month, persons)
    rows = zip(*lines[:-1], pseudonyms or [None] * len(lines.line_id), strict=True)
    published = _Month(
        annex_id,
        month.year,
        month.month,
        persons.key_id if pseudonyms else None,
        sorted(starmap(_Line, rows), key=_BY_ID),
    )
    payload = _JSON.encode(published)
    key = (annex_id, month_period(month.year, month.month))
    return Document(DocumentType.MONTHLY_STATE, key, annex_id, owner, payload, digest(payload))


def _pseudonyms(month: DeclaredMonth, persons: PersonHash) -> list[str | None]:
    """Of each line without contract its person's; empty when all have one."""
    lines = month.lines
    if None not in set(lines.contract_id):
        return []
    return [
        None if contract is not None or person is None else persons.of_annex(month.annex_id, person)
        for contract, person in zip(lines.contract_id, lines.person_id, strict=True)
    ]


def month_warnings(lines: DeclaredLines) -> Iterator[str]:
    """Codes of what is odd and kept: `mixed-versions`, `mixed-states` (of the lines that count)."""
    if len(set(lines.version)) > 1:
        yield "mixed-versions"
    if len(set(lines.state)) > 1 and _mixes_states(lines):
        yield "mixed-states"


def _mixes_states(lines: DeclaredLines) -> bool:
    persons = [None if person is None else str(person) for person in lines.person_id]
    return month_figures(
        MonthLines(
            lines.line_id, lines.version, lines.state, lines.hours, lines.contract_id, persons
        )
    ).mixed_states
