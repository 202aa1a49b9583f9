"""The poison matrix: whatever anyone could write on a topic, and what must become of it.

Any service that consumes monthly states passes it (`check_matrix`): each poison lies between two
sound records of its partition.
"""

import asyncio
import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import asyncpg
from aiokafka import AIOKafkaProducer

from shared.contracts.envelope import Context, event_headers
from shared.contracts.ids import microseconds
from shared.contracts.monthly_state_v1 import natural_key
from shared.contracts.registry import (
    DECLARATIONS,
    REGISTRY,
    STRUCTURES,
    DocumentType,
    declared,
    withdrawn,
)
from shared.settings import ServiceSettings
from tests.homes import TestHome, wait_for_records

Headers = list[tuple[str, bytes | None]]
PARTITION: Final = 0
AT: Final = Context("asp", 1, datetime(2026, 11, 22, 6, 30, tzinfo=UTC), "0" * 32)
SECRET: Final = "1850693999999"
MONTH: Final = declared(DocumentType.MONTHLY_STATE)


@dataclass(frozen=True, slots=True)
class Written:
    """A record as it is put on a topic."""

    headers: Headers
    value: bytes | None
    topic: str = DECLARATIONS
    key: bytes | None = b"101"


@dataclass(frozen=True, slots=True)
class Poison:
    """A record that makes one dead letter, of `kind`, with `paths`."""

    name: str
    record: Written
    kind: str
    paths: tuple[str, ...] = ()


def month_headers(number: int = 0, **replaced: bytes | None) -> Headers:
    """The headers of `month(number)`, some of them replaced."""
    texts = event_headers(MONTH, _subject(number), microseconds(AT.accepted_at), AT)
    headers: dict[str, bytes | None] = {name: text.encode() for name, text in texts.items()}
    return list({**headers, **replaced}.items())


def month_value(number: int = 0, **replaced: object) -> bytes:
    """The body of the month, some fields of its line replaced."""
    line = {"line_id": 1, "version": 1, "state": "VALIDE", "hours": "10", "contract_id": 7}
    year, month = _period(number)
    data = {"annex_id": 2001, "year": year, "month": month, "lines": [{**line, **replaced}]}
    return json.dumps(data).encode()


def sound(number: int) -> Written:
    """One month of annex 2001, another for each number."""
    return Written(month_headers(number), month_value(number))


def _period(number: int) -> tuple[int, int]:
    return 2000 + number // 12, 1 + number % 12


def _subject(number: int) -> str:
    return natural_key(2001, *_period(number))


def _undecodable(name: str, value: bytes | None) -> Poison:
    return Poison(name, Written(month_headers(), value), "undecodable")


def _violation(name: str, value: bytes, path: str) -> Poison:
    return Poison(name, Written(month_headers(), value), "contract_violation", (path,))


def _envelope(name: str, header: str, value: bytes | None) -> Poison:
    headers = month_headers(0, **{header: value})
    return Poison(name, Written(headers, GOOD), "bad_envelope", (header,))


def _with(text: bytes) -> bytes:
    return GOOD[:-1] + b", " + text + b"}"


GOOD: Final = month_value()
_GONE: Final = withdrawn(DocumentType.STRUCTURE)


def tombstone(subject: str) -> Headers:
    """The headers of a structure's withdrawal."""
    texts = event_headers(_GONE, subject, microseconds(AT.accepted_at), AT)
    return [(name, text.encode()) for name, text in texts.items()]


POISONS: Final = (
    _undecodable("null value", None),
    _undecodable("empty", b""),
    _undecodable("bad JSON", b"{"),
    _undecodable("not UTF-8", _with(b'"x": "\xff"')),
    _undecodable("deep JSON", b"[" * 100_000 + b"]" * 100_000),
    _undecodable("deep in a member", _with(b'"x": ' + b'{"y":' * 9_999 + b"1" + b"}" * 9_999)),
    _undecodable("number of 5,000 digits", _with(b'"x": ' + b"9" * 5_000)),
    _undecodable("lone surrogate", _with(b'"x": "\\ud800"')),
    _undecodable("member twice", _with(b'"year": 2000')),
    _violation("array", b"[]", ""),
    _violation("JSON null", b"null", ""),
    _violation("NaN", GOOD.replace(b"2001", b"NaN"), "annex_id"),
    _violation("infinite", GOOD.replace(b'"month": 1', b'"month": -Infinity'), "month"),
    _violation("huge number", GOOD.replace(b"2001", b"1" + b"0" * 30), "annex_id"),
    _violation("huge decimal", month_value(hours="9" * 400), "lines.0.hours"),
    _violation("exponent", month_value(hours="1e9"), "lines.0.hours"),
    _violation("negative hours", month_value(hours="-1"), "lines.0.hours"),
    _violation("NUL in text", _with(b'"hash_key_id": "a\\u0000b"'), "hash_key_id"),
    _violation("no pseudonym", month_value(person=SECRET), "lines.0.person"),
    _violation("another document's body", month_value(7), "ce_subject"),
    _envelope("header not UTF-8", "ce_source", b"\xff\xfe"),
    _envelope("null header", "ce_id", None),
    _envelope("NUL in a header", "ce_source", b"a\x00sp"),
    _envelope("header of 1 MB", "ce_source", b"x" * 1_000_000),
    _envelope("instant out of the calendar", "ce_time", b"0001-01-01T00:00:00+23:59"),
    _envelope("huge revision", "ce_revision", b"9" * 30),
    Poison("10 MB", Written(month_headers(), b'"' + b"x" * 10_000_000 + b'"'), "too_large"),
    Poison(
        "another header not UTF-8",
        Written([*month_headers(), ("x", b"\xff")], GOOD),
        "bad_envelope",
        ("headers.10",),
    ),
    Poison("no header", Written([], GOOD), "bad_envelope", ("ce_type",)),
    Poison(
        "another subject",
        Written(month_headers(0, ce_subject=b"2001/2026-13"), GOOD),
        "contract_violation",
        ("ce_subject",),
    ),
    Poison(
        "unknown type",
        Written(month_headers(0, ce_type=b"fr.cadran.moon.declared.v1"), GOOD),
        "unknown_type",
        ("ce_type",),
    ),
    Poison(
        "unknown version",
        Written(month_headers(0, ce_type=b"fr.cadran.monthly-state.declared.v9"), GOOD),
        "unknown_version",
    ),
    Poison(
        "withdrawal of no structure",
        Written(tombstone("x"), None, STRUCTURES),
        "contract_violation",
        ("ce_subject",),
    ),
    Poison(
        "tombstone without headers",
        Written([], None, STRUCTURES),
        "bad_envelope",
        ("ce_type",),
    ),
)

ODD: Final = (
    Written(month_headers(600), month_value(600), key=None),
    Written(month_headers(601), month_value(601), key=b"\xff\xfe"),
    Written([*month_headers(602), ("", b""), ("x", b"y" * 10_000)], month_value(602)),
    Written(month_headers(603), month_value(603)[:-1] + b', "x": {"y": NaN, "z": [1e999]}}'),
    Written(tombstone("101"), None, STRUCTURES),
)
"""What looks odd and is sound: a null value on `structures-v1` is a withdrawal."""


def not_for(document_types: Collection[str]) -> list[Written]:
    """Records of the types that a service does not use: not even their bodies are looked at."""
    written = []
    for event in REGISTRY.values():
        if event.document_type not in document_types:
            texts = event_headers(event, "1", microseconds(AT.accepted_at), AT)
            headers: Headers = [(name, text.encode()) for name, text in texts.items()]
            written += [Written(headers, value) for value in (b"{", None)]
    return [*written, Written(written[0].headers, b"x" * 5_000_000)] if written else []


async def write(
    settings: ServiceSettings, records: Sequence[Written], partition: int = PARTITION
) -> list[int]:
    """Put records on their topics, in order, in one partition; their offsets."""
    producer = AIOKafkaProducer(
        bootstrap_servers=settings.kafka_bootstrap, max_request_size=12_000_000
    )
    await producer.start()
    try:
        sent = [
            await producer.send(
                settings.topic(record.topic),
                record.value,
                key=record.key,
                partition=partition,
                headers=record.headers,
            )
            for record in records
        ]
        return [metadata.offset for metadata in await asyncio.gather(*sent)]
    finally:
        await producer.stop()


async def dead_letters(home: TestHome, service: str) -> list[dict[str, Any]]:
    """The rows that the service keeps, oldest first."""
    connection = await asyncpg.connect(home.home.read()["postgres"]["dsn"])
    try:
        rows = await connection.fetch(f"SELECT * FROM {service}.dead_letter ORDER BY id")  # noqa: S608
        return [dict(row) for row in rows]
    finally:
        await connection.close()


def check_matrix(home: TestHome, service: str, document_types: Collection[str]) -> None:
    """Send the matrix to a home whose log is empty and whose worker runs; all its promises hold."""
    settings = home.home.settings(ServiceSettings)
    records = [sound(0)]
    for number, poison in enumerate(POISONS, start=1):
        records += [poison.record, sound(number)]
    foreign = not_for(document_types)
    records += [*ODD, sound(0), *foreign]
    offsets = asyncio.run(write(settings, records))

    assert wait_for_records(home, len(records)) == {
        "applied": 1 + len(POISONS) + len(ODD),
        "stale": 1,
        "not_for_us": len(foreign),
        "rejected": len(POISONS),
        "compacted": 0,
    }
    letters = asyncio.run(dead_letters(home, service))
    place = {settings.topic(topic): topic for topic in (DECLARATIONS, STRUCTURES)}
    found = {
        (place[row["topic"]], row["record_offset"]): (row["kind"], tuple(row["paths"]))
        for row in letters
    }
    assert len(letters) == len(found)
    assert found == {
        (poison.record.topic, offset): (poison.kind, poison.paths)
        for poison, offset in zip(POISONS, offsets[1 : 2 * len(POISONS) : 2], strict=True)
    }
    home.cadran("accounts")
