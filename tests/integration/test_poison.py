"""Hostile records on the real broker: one dead letter each, neighbours applied, all counted."""

import asyncio
import json
from collections.abc import Sequence
from datetime import UTC, datetime

import pytest
from aiokafka import AIOKafkaProducer

from shared.contracts.envelope import Context, event_headers
from shared.contracts.ids import microseconds
from shared.contracts.monthly_state_v1 import natural_key
from shared.contracts.registry import DECLARATIONS, STRUCTURES, DocumentType, declared
from shared.settings import ServiceSettings
from tests.homes import TestHome, counted, wait_for_records

Headers = list[tuple[str, bytes | None]]
KEY = b"101"


def context(second: int) -> Context:
    return Context("asp", 1, datetime(2026, 11, 22, 6, 30, second, tzinfo=UTC), "0" * 32)


def month_headers(month: int, second: int = 0, **replaced: bytes | None) -> Headers:
    event = declared(DocumentType.MONTHLY_STATE)
    at = context(second)
    texts = event_headers(event, natural_key(2001, 2026, month), microseconds(at.accepted_at), at)
    headers: dict[str, bytes | None] = {name: text.encode() for name, text in texts.items()}
    return list({**headers, **replaced}.items())


def month_value(month: int, **replaced: object) -> bytes:
    line = {"line_id": month, "version": 1, "state": "VALIDE", "hours": "10", "contract_id": 7}
    data = {"annex_id": 2001, "year": 2026, "month": month, "lines": [{**line, **replaced}]}
    return json.dumps(data).encode()


def structure_headers() -> Headers:
    event = declared(DocumentType.STRUCTURE)
    at = context(0)
    texts = event_headers(event, "101", microseconds(at.accepted_at), at)
    return [(name, text.encode()) for name, text in texts.items()]


GOOD = month_value(3)
POISON: dict[str, tuple[Headers, bytes | None, str]] = {
    "null value": (month_headers(3), None, "undecodable"),
    "empty": (month_headers(3), b"", "undecodable"),
    "10 MB": (month_headers(3), b'"' + b"x" * 10_000_000 + b'"', "too_large"),
    "header not UTF-8": (month_headers(3, ce_source=b"\xff\xfe"), GOOD, "bad_envelope"),
    "another header not UTF-8": ([*month_headers(3), ("x", b"\xff")], GOOD, "bad_envelope"),
    "null header": (month_headers(3, ce_id=None), GOOD, "bad_envelope"),
    "no header": ([], GOOD, "bad_envelope"),
    "bad JSON": (month_headers(3), b"{", "undecodable"),
    "deep JSON": (month_headers(3), b"[" * 100_000, "undecodable"),
    "NaN": (
        month_headers(3),
        GOOD.replace(b'"line_id": 3', b'"line_id": NaN'),
        "contract_violation",
    ),
    "unknown type": (month_headers(3, ce_type=b"fr.cadran.moon.declared.v1"), GOOD, "unknown_type"),
    "unknown version": (
        month_headers(3, ce_type=b"fr.cadran.monthly-state.declared.v9"),
        GOOD,
        "unknown_version",
    ),
    "NUL in text": (month_headers(3), month_value(3, person="\x00" * 32), "contract_violation"),
    "contract violation": (month_headers(3), month_value(3, hours="-1"), "contract_violation"),
    "another document's body": (month_headers(3), month_value(4), "contract_violation"),
}


async def produce(
    settings: ServiceSettings, records: Sequence[tuple[str, Headers, bytes | None]]
) -> None:
    producer = AIOKafkaProducer(
        bootstrap_servers=settings.kafka_bootstrap, max_request_size=12_000_000
    )
    await producer.start()
    try:
        for topic, headers, value in records:
            await producer.send_and_wait(settings.topic(topic), value, key=KEY, headers=headers)
    finally:
        await producer.stop()


@pytest.fixture(scope="module")
def poisoned(home: TestHome) -> TestHome:
    """Each poison between two good neighbours, a tombstone, and one event twice."""
    home.start("etp-worker", "worker", "etp")
    records: list[tuple[str, Headers, bytes | None]] = [
        (DECLARATIONS, month_headers(1), month_value(1))
    ]
    records += [(DECLARATIONS, headers, value) for headers, value, _ in POISON.values()]
    records += [
        (DECLARATIONS, month_headers(2), month_value(2)),
        (DECLARATIONS, month_headers(2), month_value(2)),
        (STRUCTURES, structure_headers(), None),
    ]
    asyncio.run(produce(home.home.settings(ServiceSettings), records))
    wait_for_records(home, len(records))
    return home


def test_each_poison_is_one_dead_letter_and_its_neighbours_are_applied(
    poisoned: TestHome,
) -> None:
    assert counted(poisoned) == {
        "applied": 3,
        "stale": 1,
        "not_for_us": 0,
        "rejected": len(POISON),
        "compacted": 0,
    }
    letters = poisoned.cadran_json("dead-letters", "list")["rows"]
    assert [row["kind"] for row in letters] == [kind for _, _, kind in POISON.values()]


def test_a_dead_letter_shows_its_failure_and_not_its_payload(poisoned: TestHome) -> None:
    letters = poisoned.cadran_json("dead-letters", "list")["rows"]
    (violation,) = [
        row for row in letters if row["offset"] == 1 + list(POISON).index("contract violation")
    ]
    shown = json.loads(poisoned.cadran("dead-letters", "show", violation["id"]))
    assert shown["paths"] == ["lines.0.hours"]
    assert "payload" not in shown
    whole = json.loads(poisoned.cadran("dead-letters", "show", violation["id"], "--payload"))
    assert json.loads(whole["payload"])["lines"][0]["hours"] == "-1"


def test_a_replayed_record_is_accounted_for_again(poisoned: TestHome) -> None:
    before = counted(poisoned)
    letters = poisoned.cadran_json("dead-letters", "list")["rows"]
    poisoned.cadran("dead-letters", "replay", letters[-1]["id"])
    after = wait_for_records(poisoned, sum(before.values()) + 1)
    assert after["rejected"] == before["rejected"] + 1
    assert poisoned.cadran_json("dead-letters", "list")["rows"][-2]["recoveries"] == 1


def test_an_unknown_dead_letter_is_refused(poisoned: TestHome) -> None:
    poisoned.cadran("dead-letters", "show", 999_999, expect=2)
    poisoned.cadran("dead-letters", "replay", 999_999, expect=2)
