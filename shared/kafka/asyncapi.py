"""One AsyncAPI 3.0 document for the log: topics, keys, headers, and the schema of every event.

Made from the registry of contracts and the declared topics; nothing of it is written twice.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from shared.contracts.envelope import REQUIRED, SPEC_VERSION
from shared.contracts.generate import event_example
from shared.contracts.registry import DECLARATIONS, REGISTRY, STRUCTURES, EventType
from shared.kafka.topics import TOPICS, Topic, dead_letter_topic

_REFERENCE: Final = "#/components/schemas/{model}"
_MEANINGS: Final[Mapping[str, str]] = {
    DECLARATIONS: "Ce que les sources déclarent ; le journal dont tout le reste se reconstruit.",
    STRUCTURES: "Identité et contact des structures ; une valeur nulle est un retrait.",
}
_HEADERS: Final[Mapping[str, str]] = {
    "ce_specversion": f"Toujours {SPEC_VERSION}",
    "ce_id": "UUIDv5 de la source, du type de document, de la clé naturelle et de la révision",
    "ce_source": "Qui déclare",
    "ce_type": "Type et version de l'événement",
    "ce_subject": "Clé naturelle du document",
    "ce_time": "Instant où ingest l'a accepté (UTC)",
    "ce_revision": "Microsecondes depuis 1970 ; croît à chaque changement du document",
    "ce_rank": "Rang de la source ; 1 est le meilleur",
    "content-type": "application/json",
    "traceparent": "Contexte de trace W3C",
}


def asyncapi_document() -> dict[str, Any]:
    """The whole document. Raises `ValueError` when a topic has no meaning here."""
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Cadran",
            "version": "1",
            "description": "Le journal Kafka de Cadran : CloudEvents 1.0 en mode binaire.",
        },
        "defaultContentType": "application/json",
        "channels": {topic.name: _channel(topic) for topic in TOPICS.values()},
        "operations": {
            f"publish-{topic.name}": {
                "action": "send",
                "channel": {"$ref": f"#/channels/{topic.name}"},
                "summary": f"Ce que Cadran publie sur {topic.name}",
            }
            for topic in TOPICS.values()
        },
        "components": {
            "messages": {
                **{event.name: _message(event) for event in REGISTRY.values()},
                "dead-letter": _DEAD_LETTER,
            },
            "schemas": {"EventHeaders": _headers(), **_schemas(list(REGISTRY.values()))},
        },
    }


def _channel(topic: Topic) -> dict[str, Any]:
    return {
        "address": topic.name,
        "description": _meaning(topic.name),
        "messages": {
            name: {"$ref": f"#/components/messages/{name}"} for name in _messages(topic.name)
        },
        "bindings": {
            "kafka": {
                "topic": topic.name,
                "topicConfiguration": {
                    name: _setting(name, value) for name, value in topic.config.items()
                },
            }
        },
    }


def _meaning(name: str) -> str:
    for topic, meaning in _MEANINGS.items():
        if name == dead_letter_topic(topic):
            return f"Ce qu'un consommateur de {topic} n'a pas pu appliquer."
        if name == topic:
            return meaning
    raise ValueError(f"topic without a meaning: {name}")


def _messages(topic: str) -> list[str]:
    found = [event.name for event in REGISTRY.values() if event.topic == topic]
    return found or ["dead-letter"]


def _setting(name: str, value: str) -> Any:
    """A topic's setting as the Kafka binding types it."""
    if name == "cleanup.policy":
        return [value]
    return int(value)


def _message(event: EventType) -> dict[str, Any]:
    data = {"$ref": _REFERENCE.format(model=event.model.__name__)}
    tombstone = event.withdrawn and event.topic == STRUCTURES
    return {
        "name": event.name,
        "title": " ".join((event.model.__doc__ or "").split()),
        "contentType": "application/json",
        "headers": {"$ref": _REFERENCE.format(model="EventHeaders")},
        "payload": {"type": "null"} if tombstone else data,
        "bindings": {
            "kafka": {"key": {"type": "string", "description": "La structure, si elle est connue"}}
        },
        "examples": [
            {"headers": example["headers"], "payload": example["data"]}
            for example in [event_example(event)]
        ],
    }


def _headers() -> dict[str, Any]:
    return {
        "type": "object",
        "required": ["ce_specversion", *REQUIRED],
        "properties": {
            name: {"type": "string", "description": meaning} for name, meaning in _HEADERS.items()
        },
    }


def _schemas(events: Sequence[EventType]) -> dict[str, Any]:
    """The schemas of all data and of what they are made of, by name."""
    schemas: dict[str, Any] = {}
    for event in events:
        schema = event.model.model_json_schema(ref_template=_REFERENCE)
        for name, part in schema.pop("$defs", {}).items():
            if schemas.setdefault(name, part) != part:
                raise ValueError(f"two schemas of one name: {name}")
        schemas[event.model.__name__] = schema
    return schemas


_DEAD_LETTER: Final[Mapping[str, Any]] = {
    "name": "dead-letter",
    "title": "Un enregistrement qui n'a pas pu être appliqué",
    "contentType": "application/json",
    "payload": {
        "type": "object",
        "required": ["processor", "failure", "source", "headers", "payload", "recoveries"],
        "properties": {
            "processor": {"type": "string", "description": "Le groupe qui l'a refusé"},
            "failure": {
                "type": "object",
                "required": ["kind", "reason", "paths", "at"],
                "properties": {
                    "kind": {"type": "string"},
                    "reason": {"type": "string"},
                    "paths": {"type": "array", "items": {"type": "string"}},
                    "at": {"type": "string", "format": "date-time"},
                },
            },
            "source": {
                "type": "object",
                "required": ["topic", "partition", "offset", "key", "timestamp"],
                "properties": {
                    "topic": {"type": "string"},
                    "partition": {"type": "integer"},
                    "offset": {"type": "integer"},
                    "key": {"type": ["string", "null"]},
                    "timestamp": {"type": "string", "format": "date-time"},
                },
            },
            "headers": {"type": "array", "items": {"type": "array"}},
            "payload": {"type": ["string", "null"], "description": "Borné"},
            "payload_size": {"type": "integer"},
            "payload_digest": {"type": ["string", "null"], "description": "SHA-256"},
            "recoveries": {"type": "integer"},
        },
    },
}
