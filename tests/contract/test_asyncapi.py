"""The AsyncAPI document: committed as generated, whole, and true of the examples."""

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from shared.contracts.generate import event_example
from shared.contracts.registry import REGISTRY, EventType
from shared.kafka.asyncapi import asyncapi_document
from shared.kafka.topics import TOPICS
from shared.web.openapi import as_text

COMMITTED = Path(__file__).parents[2] / "docs" / "asyncapi.json"
DOCUMENT = asyncapi_document()


def test_what_is_committed_is_what_is_generated() -> None:
    assert COMMITTED.read_text("utf-8") == as_text(DOCUMENT)


def test_every_topic_and_every_event_is_there() -> None:
    assert set(DOCUMENT["channels"]) == set(TOPICS)
    assert set(DOCUMENT["components"]["messages"]) == {*REGISTRY, "dead-letter"}
    for event in REGISTRY.values():
        assert event.name in DOCUMENT["channels"][event.topic]["messages"]


def references(node: Any) -> list[str]:
    if isinstance(node, dict):
        own = [node["$ref"]] if isinstance(node.get("$ref"), str) else []
        return own + [found for value in node.values() for found in references(value)]
    if isinstance(node, list):
        return [found for value in node for found in references(value)]
    return []


def test_every_reference_resolves_within_the_document() -> None:
    found = references(DOCUMENT)
    assert found
    for reference in found:
        target: Any = DOCUMENT
        for step in reference.removeprefix("#/").split("/"):
            target = target[step]


@pytest.mark.parametrize("event", REGISTRY.values(), ids=list(REGISTRY))
def test_an_event_is_what_the_document_says(event: EventType) -> None:
    message = DOCUMENT["components"]["messages"][event.name]
    example = event_example(event)
    registry = Registry().with_resource(
        "urn:cadran", Resource.from_contents(json.loads(as_text(DOCUMENT)), DRAFT202012)
    )
    for part, value in (("headers", example["headers"]), ("payload", example["data"])):
        schema = message[part]
        if "$ref" in schema:
            schema = {"$ref": "urn:cadran" + schema["$ref"]}
        Draft202012Validator(schema, registry=registry).validate(value)
