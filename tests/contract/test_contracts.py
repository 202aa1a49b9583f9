"""Contracts as a product: schema and example beside each event; strict producers, lenient
consumers."""

import json
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from pydantic import ValidationError

from shared.contracts.generate import (
    FOLDER,
    declaration_example,
    event_example,
    generated_files,
    schema,
    stale_files,
)
from shared.contracts.registry import REGISTRY, DocumentType, EventType, declared, is_known_stem
from shared.kafka.records import Event, decode
from tests.contract.releases import as_record

EVENTS = pytest.mark.parametrize("event", REGISTRY.values(), ids=list(REGISTRY))
KINDS = pytest.mark.parametrize("kind", list(DocumentType))


ONE_SIDE = {"person", "hash_key_id", "rsa_amounts", "nir", "person_id"}
"""A declaration names a person, an event bears a pseudonym; ingest adds the RSA amounts."""


def common(data: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in data.items() if name not in ONE_SIDE}


def test_what_is_committed_is_what_is_generated() -> None:
    assert stale_files() == []
    committed = {str(path.relative_to(FOLDER)) for path in FOLDER.rglob("*.json")}
    assert committed == set(generated_files())
    assert len(committed) == 2 * len(REGISTRY)


@EVENTS
def test_a_schema_describes_itself(event: EventType) -> None:
    document = schema(event)
    Draft202012Validator.check_schema(document)
    assert document["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert document["$id"] == f"urn:{event.name}"
    assert document["description"]
    assert "additionalProperties" not in document
    assert set(document["properties"]) == set(event.model.model_fields)


@EVENTS
def test_an_example_is_an_event_that_we_read(event: EventType) -> None:
    example = event_example(event)
    read = decode(as_record(event.topic, example), list(DocumentType))
    assert isinstance(read, Event)
    assert (read.type, read.envelope.type) == (event, event.name)
    if read.data is not None:
        event.model.model_validate_json(json.dumps(example["data"]), extra="forbid")
        Draft202012Validator(schema(event)).validate(example["data"])


@KINDS
def test_a_declaration_example_is_read_by_a_fresh_copy(kind: DocumentType) -> None:
    example = declaration_example(kind)
    example["data"].clear()
    again = declaration_example(kind)
    assert again["type"] == kind
    assert common(again["data"]) == common(event_example(declared(kind))["data"])


@KINDS
def test_examples_of_one_document_share_its_key_and_move_forward(kind: DocumentType) -> None:
    told, gone = (
        event_example(event)["headers"]
        for event in REGISTRY.values()
        if event.document_type == kind
    )
    assert told["ce_subject"] == gone["ce_subject"]
    assert int(told["ce_revision"]) < int(gone["ce_revision"])
    assert told["ce_id"] != gone["ce_id"]


@KINDS
def test_producers_forbid_what_consumers_ignore(kind: DocumentType) -> None:
    event = declared(kind)
    example = event_example(event)
    data: dict[str, Any] = {**example["data"], "surprise": 1}
    with pytest.raises(ValidationError) as refusal:
        event.model.model_validate_json(json.dumps(data), extra="forbid")
    assert [error["type"] for error in refusal.value.errors()] == ["extra_forbidden"]
    read = decode(as_record(event.topic, {**example, "data": data}), [kind])
    assert isinstance(read, Event)
    assert read.data == event.model.model_validate_json(json.dumps(example["data"]))


def test_producers_forbid_an_unknown_field_of_a_line() -> None:
    event = declared(DocumentType.MONTHLY_STATE)
    example = event_example(event)
    data = example["data"]
    data["lines"][0]["surprise"] = 1
    with pytest.raises(ValidationError) as refusal:
        event.model.model_validate_json(json.dumps(data), extra="forbid")
    assert refusal.value.errors()[0]["loc"] == ("lines", 0, "surprise")
    read = decode(as_record(event.topic, example), [DocumentType.MONTHLY_STATE])
    assert isinstance(read, Event)
    assert "surprise" not in json.dumps(read.data and read.data.model_dump(mode="json"))


@pytest.mark.parametrize(
    "line",
    [
        {"contract_id": None},
        {"contract_id": None, "person": None},
        {"hours": 113},
        {"hours": "1e3"},
        {"hours": "-1"},
        {"hours": "NaN"},
        {"hours": ""},
        {"line_id": "900131"},
        {"line_id": 10**18},
        {"version": True},
        {"state": "valide"},
        {"person": "DUPONT"},
    ],
)
def test_a_line_that_cannot_be_counted_is_refused(line: dict[str, Any]) -> None:
    event = declared(DocumentType.MONTHLY_STATE)
    data = declaration_example(DocumentType.MONTHLY_STATE)["data"]
    data["lines"][0].update(line)
    with pytest.raises(ValidationError):
        event.model.model_validate_json(json.dumps(data))


def test_another_version_is_told_from_another_type() -> None:
    assert is_known_stem("fr.cadran.monthly-state.declared.v2")
    assert not is_known_stem("fr.cadran.invoice.declared.v1")
    assert not is_known_stem("fr.cadran.monthly-state.declared.v")
    assert not is_known_stem("fr.cadran.monthly-state.declared.v1\n")
