"""Contracts as files: JSON Schema and an example of every event, and one declaration per document.

What is committed under `schemas/` and `examples/` is exactly what this module writes: readers of
the log that are not Python work from those files.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from pydantic.json_schema import GenerateJsonSchema

from shared.contracts.envelope import Context, event_headers
from shared.contracts.ids import next_revision
from shared.contracts.registry import (
    REGISTRY,
    STRUCTURES,
    DocumentType,
    EventType,
    declared,
)

FOLDER: Final = Path(__file__).parent
SCHEMAS: Final = "schemas"
EXAMPLES: Final = "examples"

_CONTEXT: Final = Context(
    source="asp",
    rank=1,
    accepted_at=datetime(2026, 11, 8, 6, 45, 12, 250_000, tzinfo=UTC),
    trace_id="4bf92f3577b34da6a3ce929d0e0e4736",
)

_DECLARATIONS: Final[Mapping[DocumentType, Mapping[str, Any]]] = MappingProxyType(
    {
        DocumentType.STRUCTURE: {
            "structure_id": 4101,
            "siret": "77792918700029",
            "name": "LES JARDINS DU GRAND COURONNÉ",
            "municipality": "NANCY",
            "insee_code": "54395",
            "contact_email": "direction@jardins-du-grand-couronne.example",
        },
        DocumentType.FINANCIAL_ANNEX: {
            "amendment_id": 42011,
            "annex_id": 42001,
            "structure_id": 4101,
            "annex_number": "ACI054260017",
            "convention_number": "05426ACI0017",
            "measure": "ACI_DC",
            "renewal": 0,
            "amendment": 1,
            "state": "VALIDE",
            "starts_on": "2026-01-01",
            "ends_on": "2026-12-31",
            "contracted_etp": "10.5",
            "hours_base": "1820",
            "unit_amount": "23921",
            "total_amount": "251170.5",
            "cofinanced_amount": "62792.63",
            "funder": "CD54",
            "signed_on": "2025-12-15",
            "received_on": "2025-12-18",
            "validated_on": "2025-12-22",
            "rsa_amounts": [
                {"amount": "568.94", "starts_on": "2025-04-01", "ends_on": "2026-03-31"},
                {"amount": "577.5", "starts_on": "2026-04-01"},
                {"amount": "288.75", "department": "976", "starts_on": "2026-04-01"},
            ],
        },
        DocumentType.MONTHLY_STATE: {
            "annex_id": 42001,
            "year": 2026,
            "month": 3,
            "lines": [
                {
                    "line_id": 900_131,
                    "version": 1,
                    "state": "VALIDE",
                    "hours": "113",
                    "asp_etp": "0.75",
                    "contract_id": 770_041,
                },
                {
                    "line_id": 900_132,
                    "version": 2,
                    "state": "VALIDE",
                    "hours": "86",
                    "contract_id": 770_052,
                },
            ],
        },
        DocumentType.EMPLOYMENT: {
            "contract_id": 770_041,
            "structure_id": 4101,
            "person": "5f1d6b0a9c3e47d28b7a60f4c2e1d935",
            "hash_key_id": "9d2c4f60b1a7e853",
            "measure": "ACI_DC",
            "renewal": 0,
            "format": "CDDI",
            "hired_on": "2025-09-01",
            "ends_on": "2026-08-31",
            "rsa": "OUI-NM",
            "ass": False,
            "aah": False,
            "prescriber": "PE",
        },
        DocumentType.EXIT: {
            "contract_id": 770_041,
            "structure_id": 4101,
            "left_on": "2026-06-30",
            "reason": "Embauche en CDI non aidé par un autre employeur",
            "category": "Emploi durable",
            "left_on_source": "contract",
        },
        DocumentType.SUPPORT_HOURS: {
            "structure_id": 4101,
            "kind": "ACI",
            "year": 2026,
            "technical_hours": "3640",
            "support_hours": "1820.5",
        },
    }
)


_INVENTED_PERSON: Final = MappingProxyType({"nir": "285437218900457", "person_id": 880_017})
"""A NIR of a month that does not exist."""
_MADE_BY_INGEST: Final = frozenset({"person", "hash_key_id", "rsa_amounts"})


def declaration_example(document_type: DocumentType) -> dict[str, Any]:
    """An invented declaration `{type, data}`, as ingest's HTTP door takes it: a person is named,
    not yet hashed."""
    data = _copy(_DECLARATIONS[document_type])
    told = {name: value for name, value in data.items() if name not in _MADE_BY_INGEST}
    if "person" in data:
        told |= _INVENTED_PERSON
    return {"type": document_type.value, "data": told}


def event_example(event: EventType) -> dict[str, Any]:
    """An event `{headers, data}`: the example declaration, or its withdrawal.

    `data` is null for a tombstone, the form a withdrawal takes on a compacted topic.
    """
    data = _copy(_DECLARATIONS[event.document_type])
    declaration = declared(event.document_type)
    key = declaration.subject(declaration.model.model_validate_json(json.dumps(data)))
    revision = next_revision(None, _CONTEXT.accepted_at)
    if event.withdrawn:
        revision = next_revision(revision, _CONTEXT.accepted_at)
        data = {name: data[name] for name in event.model.model_fields}
    return {
        "headers": event_headers(event, key, revision, _CONTEXT),
        "data": None if event.withdrawn and event.topic == STRUCTURES else data,
    }


def schema(event: EventType) -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of an event's data; unknown fields are to be ignored."""
    generated = event.model.model_json_schema(mode="validation")
    return {
        "$schema": GenerateJsonSchema.schema_dialect,
        "$id": f"urn:{event.name}",
        **generated,
        "description": generated["description"].replace("\n", " "),
    }


def generated_files() -> dict[str, str]:
    """Text of every generated file, by its path under `shared/contracts/`."""
    files = {}
    for event in REGISTRY.values():
        files[f"{SCHEMAS}/{event.name}.json"] = _as_text(schema(event))
        files[f"{EXAMPLES}/{event.name}.json"] = _as_text(event_example(event))
    return files


def write_files(folder: Path = FOLDER) -> list[str]:
    """Write what differs under `folder` and remove what is no longer generated; their paths."""
    files = generated_files()
    changed = stale_files(folder)
    for path in changed:
        if path in files:
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(files[path], "utf-8")
        else:
            (folder / path).unlink()
    return changed


def stale_files(folder: Path = FOLDER) -> list[str]:
    """Paths that are missing under `folder`, differ from what is generated, or are orphans."""
    files = generated_files()
    stale = [path for path, text in files.items() if _read(folder / path) != text]
    kept = [
        f"{name}/{path.name}"
        for name in (SCHEMAS, EXAMPLES)
        for path in (folder / name).glob("*.json")
    ]
    return sorted({*stale, *(path for path in kept if path not in files)})


def _read(path: Path) -> str | None:
    return path.read_text("utf-8") if path.is_file() else None


def _copy(data: Mapping[str, Any]) -> dict[str, Any]:
    copied: dict[str, Any] = json.loads(json.dumps(data))
    return copied


def _as_text(document: Mapping[str, Any]) -> str:
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"
