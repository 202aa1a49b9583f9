"""The body of a request → its declarations, in order: each may be accepted, or is refused."""

from collections.abc import Iterable

from services.ingest.domain.declarations import Declaration, Refused, read_declaration
from services.ingest.domain.declared_rules import refusals
from services.ingest.readers.bodies import Unreadable, read_batch
from services.ingest.readers.month_batches import read_months
from shared.web.faults import Fault

Read = Declaration | Refused


def read_body(body: bytes, *, by_line: bool, most: int) -> list[Read]:
    """The declarations of a body, at most `most`; `BodyRefused` as `read_batch` says.

    An array of months without fault of form, which most batches are, is read at once.
    """
    months = None if by_line else read_months(body, most)
    if months is not None:
        return [_judged(month) for month in months]
    return read_values(read_batch(body, by_line=by_line, most=most))


def read_values(values: Iterable[object]) -> list[Read]:
    """Parsed JSON values as declarations that may be accepted, or why they are refused."""
    return [_read(value) for value in values]


def _read(value: object) -> Read:
    if isinstance(value, Unreadable):
        return Refused(
            "",
            (Fault("unreadable-json", "", "Cette ligne n'est pas du JSON, ou répète un membre."),),
        )
    read = read_declaration(value)
    return _judged(read) if isinstance(read, Declaration) else read


def _judged(declaration: Declaration) -> Read:
    errors = refusals(declaration)
    return Refused(declaration.type, errors) if errors else declaration
