"""A whole batch read in one pass, parsing and checks together, when nothing is wrong with its form.

It says yes or no: what is wrong, and where, `read_declaration` tells, one declaration at a time.
"""

from functools import reduce
from operator import or_
from typing import Annotated, Any, Final, Literal

from pydantic import Field, TypeAdapter, ValidationError, create_model

from services.ingest.domain.declarations import DECLARATIONS, KINDS, Declaration
from shared.contracts.registry import DocumentType


def _form(kind: DocumentType) -> Any:
    tag: Any = Literal[kind.value]
    return create_model(kind.name, type=(tag, ...), data=(DECLARATIONS[kind], ...))


_ANY: Final[Any] = reduce(or_, map(_form, DocumentType))
_BATCH: Final[TypeAdapter[list[Any]]] = TypeAdapter(
    Annotated[
        list[Annotated[_ANY, Field(discriminator="type")]], Field(min_length=1, fail_fast=True)
    ]
)


def read_faultless(body: bytes, members: int) -> list[Declaration] | None:
    """The declarations of a JSON array; None when it is not one, when one of them has a fault, or
    when what was read of them does not hold the body's `members` members: a name came twice, or is
    none that is read here, as `withdrawn`."""
    try:
        forms = _BATCH.validate_json(body, strict=True, extra="ignore")
    except ValidationError:
        return None
    if sum(map(_members, forms)) != members:
        return None
    return [Declaration(KINDS[form.type], form.data, withdrawn=False) for form in forms]


def _members(form: Any) -> int:
    """Those of a declaration, of its data, and of each of its lines: there is no other object."""
    of_lines = sum(map(len, getattr(form.data, "lines", ())))
    return len(form.model_fields_set) + len(form.data.model_fields_set) + of_lines
