"""Records that cannot be applied: a row first, a record on `<topic>-dlq` second."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from shared.database.masking import masked
from shared.database.outbox import OutboxRow
from shared.database.types import Connection

PAYLOAD_CAP = 64 * 1024
"""Bytes of a payload that are kept, masked; its size and digest are those of the whole."""
TEXT_CAP = 1_000
HEADERS_CAP = 50
"""What a record on `<topic>-dlq` shows of a key and of headers, so that no topic refuses it."""
_LONGEST_NIR = 22
"""Characters, spaces included."""
_LAST_MS = 253_402_300_799_000


class FailureKind(StrEnum):
    """Faults of the data; any other fault is the infrastructure's and stops the partition."""

    TOO_LARGE = "too_large"
    UNDECODABLE = "undecodable"
    BAD_ENVELOPE = "bad_envelope"
    UNKNOWN_TYPE = "unknown_type"
    UNKNOWN_VERSION = "unknown_version"
    CONTRACT_VIOLATION = "contract_violation"
    DOMAIN_REJECTED = "domain_rejected"


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a record cannot be applied; `paths` names fields, never a value."""

    kind: FailureKind
    reason: str
    paths: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Source:
    """The record as it lay on the topic (physical name)."""

    topic: str
    partition: int
    offset: int
    timestamp_ms: int
    key: bytes | None
    headers: Sequence[tuple[str, bytes | None]]
    value: bytes | None


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """One record refused by `processor` at an instant (UTC)."""

    processor: str
    failure: Failure
    at: datetime
    source: Source

    def values(self) -> dict[str, Any]:
        """The row of `dead_letter`."""
        value = self.source.value
        return {
            "kind": self.failure.kind.value,
            "processor": self.processor,
            "reason": self.failure.reason,
            "paths": list(self.failure.paths),
            "failed_at": self.at,
            "topic": self.source.topic,
            "partition": self.source.partition,
            "record_offset": self.source.offset,
            "key": _masked(self.source.key),
            "record_timestamp": _instant(self.source.timestamp_ms),
            "headers": json.dumps(_printable(self.source.headers)),
            "payload": _masked(value),
            "payload_size": 0 if value is None else len(value),
            "payload_digest": None if value is None else hashlib.sha256(value).hexdigest(),
        }

    def record(self, topic: str) -> OutboxRow:
        """The record for `<topic>-dlq`: what the row holds, bounded further."""
        values = self.values()
        key = _text(values["key"] and values["key"][:TEXT_CAP])
        body = {
            "processor": self.processor,
            "failure": {
                "kind": values["kind"],
                "reason": values["reason"],
                "paths": values["paths"],
                "at": self.at.isoformat(),
            },
            "source": {
                "topic": self.source.topic,
                "partition": self.source.partition,
                "offset": self.source.offset,
                "key": key,
                "timestamp": values["record_timestamp"].isoformat(),
            },
            "headers": [
                [name[:TEXT_CAP], text and text[:TEXT_CAP]]
                for name, text in _printable(self.source.headers[:HEADERS_CAP])
            ],
            "payload": _text(values["payload"]),
            "payload_size": values["payload_size"],
            "payload_digest": values["payload_digest"],
            "recoveries": 0,
        }
        value = json.dumps(body, separators=(",", ":")).encode()
        return OutboxRow(topic, key or "", {}, value)


async def write_dead_letters(connection: Connection, letters: Sequence[DeadLetter]) -> None:
    """Add dead letters to the slice's transaction."""
    rows: list[Mapping[str, Any]] = [letter.values() for letter in letters]
    if rows:
        await connection.copy_records_to_table(
            "dead_letter", records=[tuple(row.values()) for row in rows], columns=list(rows[0])
        )


def _masked(value: bytes | None) -> bytes | None:
    """Cut, then masked, then freed of its last characters if it was cut: a NIR cut in two is not
    one any more."""
    if value is None:
        return None
    kept = masked(value[:PAYLOAD_CAP])
    return (kept if len(value) <= PAYLOAD_CAP else kept[:-_LONGEST_NIR])[:PAYLOAD_CAP]


def _text(value: bytes | None) -> str | None:
    return None if value is None else value.decode("utf-8", "backslashreplace").replace("\x00", "�")


def _printable(headers: Sequence[tuple[str, bytes | None]]) -> list[tuple[str, str | None]]:
    return [(name.replace("\x00", "�"), _text(_masked(value))) for name, value in headers]


def _instant(timestamp_ms: int) -> datetime:
    """Whatever a producer wrote, brought within the calendar."""
    return datetime.fromtimestamp(min(max(timestamp_ms, 0), _LAST_MS) / 1000, UTC)


_ITEM = 'id, kind, topic, partition, record_offset AS "offset", failed_at, recoveries'
_DETAIL = (
    f"{_ITEM}, processor, reason, paths, record_timestamp, payload_size, payload_digest,"
    " replayed_at"
)


async def count_letters(connection: Connection, kind: FailureKind | None = None) -> int:
    """How many dead letters there are, of one kind or of all."""
    return int(
        await connection.fetchval(
            "SELECT count(*) FROM dead_letter WHERE $1::text IS NULL OR kind = $1", kind
        )
    )


async def list_letters(
    connection: Connection,
    kind: FailureKind | None = None,
    limit: int | None = None,
    offset: int = 0,
) -> list[dict[str, Any]]:
    """Dead letters without their payload, oldest first."""
    rows = await connection.fetch(
        f"SELECT {_ITEM} FROM dead_letter WHERE $1::text IS NULL OR kind = $1"  # noqa: S608
        " ORDER BY id LIMIT $2 OFFSET $3",
        kind,
        limit,
        offset,
    )
    return [dict(row) for row in rows]


async def read_letter(connection: Connection, identifier: int) -> dict[str, Any] | None:
    """One dead letter: its failure, its source, the size and digest of its payload."""
    row = await connection.fetchrow(
        f"SELECT {_DETAIL} FROM dead_letter WHERE id = $1",  # noqa: S608
        identifier,
    )
    return dict(row) if row else None


async def read_payload(connection: Connection, identifier: int) -> bytes | None:
    """What is kept of a payload: a right of its own, whose use is noted (`access_log`)."""
    payload: bytes | None = await connection.fetchval(
        "SELECT payload FROM dead_letter WHERE id = $1", identifier
    )
    return payload


async def mark_replayed(connection: Connection, identifier: int) -> int:
    """Note that the record was published again, in the transaction that does it; how many times
    by now."""
    return int(
        await connection.fetchval(
            "UPDATE dead_letter SET recoveries = recoveries + 1, replayed_at = now()"
            " WHERE id = $1 RETURNING recoveries",
            identifier,
        )
    )
