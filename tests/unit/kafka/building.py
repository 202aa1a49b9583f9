"""Records as a Kafka client hands them over, well formed but for what a test changes."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from shared.contracts.generate import event_example
from shared.contracts.registry import REGISTRY, DocumentType, declared

MONTH: Final = declared(DocumentType.MONTHLY_STATE)
ALL_TYPES: Final = tuple(DocumentType)


@dataclass(slots=True)
class LogRecord:
    """What `shared.kafka.records.Record` promises."""

    topic: str = "declarations-v1"
    partition: int = 0
    offset: int = 0
    timestamp: int = 1_794_120_312_250
    key: bytes | None = b"4101"
    value: bytes | None = b""
    headers: Sequence[tuple[str, bytes | None]] = ()


def event_record(name: str = MONTH.name, **changes: Any) -> LogRecord:
    """The record of an event's example. `headers` replaces some of its headers (None removes
    one); `data` replaces some of its fields; `value` replaces the whole body."""
    example = event_example(REGISTRY[name])
    headers = {**example["headers"], **changes.get("headers", {})}
    body = example["data"]
    if "data" in changes:
        body = {**body, **changes["data"]}
    value = None if body is None else json.dumps(body).encode()
    return LogRecord(
        topic=REGISTRY[name].topic,
        value=changes.get("value", value),
        headers=[(key, text.encode()) for key, text in headers.items() if text is not None],
    )


def at(
    offset: int, *, topic: str = "declarations-v1", partition: int = 0, size: int = 1
) -> LogRecord:
    """A record of which only the place and the size matter."""
    return LogRecord(topic, partition, offset, value=b"x" * size)
