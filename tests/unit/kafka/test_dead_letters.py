"""Dead letters: the row and the record, bounded whatever the poison was."""

import hashlib
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.database.dead_letters import (
    PAYLOAD_CAP,
    DeadLetter,
    Failure,
    FailureKind,
    Source,
)
from shared.kafka.topics import MAX_RECORD_BYTES, dead_letter_topic

AT = datetime(2026, 11, 8, 6, 45, 12, tzinfo=UTC)
FAILURE = Failure(FailureKind.CONTRACT_VIOLATION, "int_type", ("annex_id",))


def letter(**changes: Any) -> DeadLetter:
    values: dict[str, Any] = {
        "topic": "declarations-v1",
        "partition": 3,
        "offset": 17,
        "timestamp_ms": 1_794_120_312_250,
        "key": b"4101",
        "headers": [("ce_id", b"1"), ("odd", None)],
        "value": b'{"annex_id": "x"}',
    }
    return DeadLetter("etp.projection", FAILURE, AT, Source(**{**values, **changes}))


def test_the_row_says_what_where_why_and_when() -> None:
    values = letter().values()
    assert values == {
        "kind": "contract_violation",
        "processor": "etp.projection",
        "reason": "int_type",
        "paths": ["annex_id"],
        "failed_at": AT,
        "topic": "declarations-v1",
        "partition": 3,
        "record_offset": 17,
        "key": b"4101",
        "record_timestamp": datetime(2026, 11, 8, 6, 45, 12, 250_000, tzinfo=UTC),
        "headers": '[["ce_id", "1"], ["odd", null]]',
        "payload": b'{"annex_id": "x"}',
        "payload_size": 17,
        "payload_digest": hashlib.sha256(b'{"annex_id": "x"}').hexdigest(),
    }


def test_the_record_goes_under_the_key_of_the_one_it_stands_for() -> None:
    row = letter().record(dead_letter_topic("declarations-v1"))
    assert (row.topic, row.key) == ("declarations-v1-dlq", "4101")
    body = json.loads(row.value or b"")
    assert body["failure"] == {
        "kind": "contract_violation",
        "reason": "int_type",
        "paths": ["annex_id"],
        "at": "2026-11-08T06:45:12+00:00",
    }
    assert body["source"] == {
        "topic": "declarations-v1",
        "partition": 3,
        "offset": 17,
        "key": "4101",
        "timestamp": "2026-11-08T06:45:12.250000+00:00",
    }
    assert (body["processor"], body["recoveries"]) == ("etp.projection", 0)


def test_a_large_payload_is_capped_with_the_size_and_digest_of_the_whole() -> None:
    whole = b"x" * (PAYLOAD_CAP + 5)
    values = letter(value=whole).values()
    assert whole.startswith(values["payload"])
    assert PAYLOAD_CAP - 50 < len(values["payload"]) <= PAYLOAD_CAP
    assert values["payload_size"] == len(whole)
    assert values["payload_digest"] == hashlib.sha256(whole).hexdigest()


def test_a_null_value_has_neither_payload_nor_digest() -> None:
    values = letter(value=None, key=None).values()
    assert (values["payload"], values["payload_size"], values["payload_digest"]) == (None, 0, None)
    assert letter(value=None, key=None).record("t").key == ""


@pytest.mark.parametrize("poison", [b"\xff", b"\x00", b"\x01", b'"', b"a"])
def test_no_poison_makes_a_record_that_its_topic_refuses(poison: bytes) -> None:
    """The relay would stop for ever on it."""
    large = poison * 2_000_000
    row = letter(
        key=large, value=large, headers=[("x" * 1_000_000, large)] * 3 + [("y", b"1")] * 10_000
    ).record("declarations-v1-dlq")
    assert len(row.key.encode()) + len(row.value or b"") < MAX_RECORD_BYTES / 4


HEADERS = st.lists(
    st.tuples(st.text(st.characters(codec="utf-8")), st.none() | st.binary()), max_size=5
)


@given(st.integers(-(2**63), 2**63 - 1), st.none() | st.binary(), HEADERS)
def test_any_record_makes_a_row_that_postgresql_takes(
    timestamp_ms: int, raw: bytes | None, headers: list[tuple[str, bytes | None]]
) -> None:
    poison = letter(timestamp_ms=timestamp_ms, key=raw, value=raw, headers=headers)
    values, row = poison.values(), poison.record("t")
    assert 1970 <= values["record_timestamp"].year <= 9999
    told = json.loads(values["headers"])
    assert [header[1] is None for header in told] == [value is None for _, value in headers]
    for text in (row.key, *(text for header in told for text in header if text is not None)):
        assert "\x00" not in text
        assert text.encode().decode() == text
