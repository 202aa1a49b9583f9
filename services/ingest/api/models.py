"""What the doors take and answer, for their OpenAPI document."""

import json
from collections.abc import Iterator, Sequence
from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, RootModel, create_model

from services.ingest.domain.declarations import DECLARATIONS
from services.ingest.domain.verdicts import Status
from shared.contracts.generate import declaration_example
from shared.contracts.registry import DocumentType, withdrawn
from shared.web.problems import FaultDocument, ProblemDocument

JSON: Final = "application/json"
NDJSON: Final = "application/x-ndjson"
_FORBID: Final = ConfigDict(extra="forbid")


def _members(kind: DocumentType) -> Iterator[type[BaseModel]]:
    """The two forms of a declaration of one type."""
    name = "".join(part.capitalize() for part in kind.value.split("-"))
    tag: Any = Literal[kind.value]
    yield create_model(
        f"Declare{name}",
        __config__=_FORBID,
        type=(tag, ...),
        data=(DECLARATIONS[kind], ...),
        withdrawn=(Literal[False], False),
    )
    gone: Any = withdrawn(kind).model
    yield create_model(
        f"Withdraw{name}",
        __config__=_FORBID,
        type=(tag, ...),
        data=(gone, ...),
        withdrawn=(Literal[True], ...),
    )


_FORMS: Final = tuple(form for kind in DocumentType for form in _members(kind))
_ANY: Any = _FORMS[0]
for _form in _FORMS[1:]:
    _ANY |= _form


class DeclarationDocument(RootModel[_ANY]):
    """Une déclaration, ou le retrait d'une déclaration."""


class VerdictDocument(BaseModel):
    """Ce qu'il advient d'une déclaration."""

    index: int = Field(ge=0, description="Place dans l'envoi, à partir de 0")
    status: Status
    id: str | None = Field(description="Identifiant de l'événement qui fait foi désormais")
    errors: list[FaultDocument]


class ReceiptDocument(BaseModel):
    """La réponse à un envoi, déclaration par déclaration."""

    submission: str = Field(description="Identifiant du dépôt, pour le relire")
    items: list[VerdictDocument]


class RefusedReceiptDocument(ProblemDocument):
    """Un envoi dont aucune déclaration n'est acceptée."""

    submission: str | None = None
    items: Sequence[VerdictDocument] = ()


def declarations_body() -> dict[str, Any]:
    """The request body of `POST /v1/declarations`, an example a type."""
    one = {"$ref": "#/components/schemas/DeclarationDocument"}
    examples = [declaration_example(kind) for kind in DocumentType]
    named = {
        example["type"]: {"summary": f"Un document {example['type']}", "value": [example]}
        for example in examples
    }
    lines = "".join(json.dumps(example, ensure_ascii=False) + "\n" for example in examples)
    return {
        "required": True,
        "content": {
            JSON: {
                "schema": {"oneOf": [{"type": "array", "minItems": 1, "items": one}, one]},
                "examples": named,
            },
            NDJSON: {
                "schema": {"type": "string", "description": "Une déclaration par ligne"},
                "examples": {"lot": {"summary": "Une de chaque type", "value": lines}},
            },
        },
    }
