"""One record of the log, from bytes to what it means: an event, not for us, or a data fault."""

from collections.abc import Collection, Mapping, Sequence
from enum import StrEnum
from typing import Any, NamedTuple, Protocol

from pydantic import ValidationError

from shared.contracts.envelope import Envelope, EnvelopeError, read_envelope, read_headers
from shared.contracts.fields import Contract
from shared.contracts.registry import REGISTRY, STRUCTURES, EventType, is_known_stem, upcast
from shared.database.dead_letters import Failure, FailureKind
from shared.kafka.repetition import repeats_a_member

MAX_VALUE_BYTES = 4 * 1024 * 1024
"""A document is 23 kB at most; beyond this a record is a dead letter, not an effort."""


class Record(Protocol):
    """What a Kafka client hands over, untouched."""

    topic: str
    partition: int
    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes | None]]


class Outcome(StrEnum):
    """What became of a record; a sixth thing, *stop*, is an exception."""

    APPLIED = "applied"
    STALE = "stale"
    NOT_FOR_US = "not_for_us"
    REJECTED = "rejected"


class Event(NamedTuple):
    """An event that this service uses, in the current version of its type; `data` is None when the
    document was withdrawn by a tombstone, whose natural key is the envelope's subject."""

    type: EventType
    envelope: Envelope
    data: Contract | None


def decode(
    record: Record,
    document_types: Collection[str],
    registry: Mapping[str, EventType] = REGISTRY,
) -> Event | Failure | None:
    """The event of a record; a `Failure` when its data are at fault; None when not for us.

    The body of a record that is not for us is not touched.
    """
    try:
        headers = read_headers(record.headers)
        event_type = registry.get(headers.get("ce_type", ""))
        if event_type is None:
            return _unknown(headers.get("ce_type"))
        if event_type.document_type not in document_types:
            return None
        envelope = read_envelope(headers)
    except EnvelopeError as error:
        return Failure(FailureKind.BAD_ENVELOPE, error.reason, error.paths)
    return _read_body(event_type, envelope, record.value, registry)


def _unknown(name: str | None) -> Failure:
    if not name:
        return Failure(FailureKind.BAD_ENVELOPE, "header missing", ("ce_type",))
    if is_known_stem(name):
        return Failure(FailureKind.UNKNOWN_VERSION, "version that this release does not know")
    return Failure(FailureKind.UNKNOWN_TYPE, "type outside the registry", ("ce_type",))


def _read_body(
    event_type: EventType,
    envelope: Envelope,
    value: bytes | None,
    registry: Mapping[str, EventType],
) -> Event | Failure:
    if value is None:
        if event_type.topic == STRUCTURES:
            return Event(event_type, envelope, None)
        return Failure(FailureKind.UNDECODABLE, "null value")
    if len(value) > MAX_VALUE_BYTES:
        return Failure(FailureKind.TOO_LARGE, f"more than {MAX_VALUE_BYTES} bytes")
    try:
        data = event_type.model.model_validate_json(value)
        current, upcasted = upcast(event_type, data, registry)
    except ValidationError as error:
        return _violation(
            error.errors(include_input=False, include_url=False, include_context=False)
        )
    misleading = _misleading(event_type, envelope, value, data)
    return misleading or Event(current, envelope, upcasted)


def _misleading(
    event_type: EventType, envelope: Envelope, value: bytes, data: Contract
) -> Failure | None:
    """What keeps to the contract and still does not say one thing."""
    if repeats_a_member(value, data):
        return Failure(FailureKind.UNDECODABLE, "member given twice")
    if event_type.subject(data) != envelope.subject:
        reason = "subject that is not the document's"
        return Failure(FailureKind.CONTRACT_VIOLATION, reason, ("ce_subject",))
    return None


def _violation(errors: Sequence[Any]) -> Failure:
    if errors[0]["type"] == "json_invalid":
        return Failure(FailureKind.UNDECODABLE, "value that is not JSON")
    paths = tuple(".".join(str(part) for part in error["loc"]) for error in errors[:20])
    reasons = sorted({str(error["type"]) for error in errors})
    return Failure(FailureKind.CONTRACT_VIOLATION, ", ".join(reasons), paths)
