"""The envelope: what is written is read back, and anything else is refused by name."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.contracts.envelope import (
    Context,
    Envelope,
    EnvelopeError,
    event_headers,
    read_envelope,
    read_headers,
)
from shared.contracts.registry import REGISTRY, DocumentType, declared

NAMES = st.text(st.characters(exclude_characters="\x00", codec="utf-8"), min_size=1, max_size=80)
MONTH = declared(DocumentType.MONTHLY_STATE)
SUMMER = timezone(timedelta(hours=2))
AT = datetime(2026, 11, 8, 6, 45, 12, 250_000, tzinfo=UTC)
CONTEXT = Context("asp", 1, AT, "4bf92f3577b34da6a3ce929d0e0e4736")


@given(
    st.sampled_from(sorted(REGISTRY)),
    NAMES,
    st.integers(0, 2**63 - 1),
    st.builds(
        Context,
        NAMES,
        st.integers(1, 2**15 - 1),
        st.datetimes(timezones=st.sampled_from([UTC, SUMMER])).filter(
            lambda at: 2 < at.year < 9998
        ),
        st.text("0123456789abcdef", min_size=32, max_size=32),
    ),
)
def test_what_is_written_is_read_back(
    name: str, subject: str, revision: int, context: Context
) -> None:
    headers = event_headers(REGISTRY[name], subject, revision, context)
    texts = read_headers([(key, text.encode()) for key, text in headers.items()])
    assert texts == headers
    read = read_envelope(texts)
    assert read == Envelope(
        headers["ce_id"],
        context.source,
        name,
        subject,
        context.accepted_at,
        revision,
        context.rank,
    )
    assert read.time.tzinfo is UTC
    assert headers["traceparent"].split("-")[1] == context.trace_id


def test_headers_of_one_event() -> None:
    headers = event_headers(MONTH, "42001/2026-03", 7, CONTEXT)
    identifier = headers.pop("ce_id")
    assert headers == {
        "ce_specversion": "1.0",
        "ce_source": "asp",
        "ce_type": "fr.cadran.monthly-state.declared.v1",
        "ce_subject": "42001/2026-03",
        "ce_time": "2026-11-08T06:45:12.250000+00:00",
        "ce_revision": "7",
        "ce_rank": "1",
        "content-type": "application/json",
        "traceparent": f"00-{CONTEXT.trace_id}-{identifier.replace('-', '')[:16]}-01",
    }


@pytest.mark.parametrize(
    ("name", "text", "reason"),
    [
        ("ce_id", "", "header missing"),
        ("ce_specversion", "0.3", "not CloudEvents 1.0"),
        ("ce_source", "a\x00b", "header with a NUL"),
        ("ce_source", "x" * 201, "header too long"),
        ("ce_subject", "\x00", "header with a NUL"),
        ("ce_subject", "9" * 201, "header too long"),
        ("ce_time", "hier", "instant that cannot be read"),
        ("ce_time", "2026-11-08T06:45:12", "instant without offset"),
        ("ce_time", "0001-01-01T00:00:00+23:59", "instant that cannot be read"),
        ("ce_time", "9999-12-31T23:59:59-23:59", "instant that cannot be read"),
        ("ce_revision", "-1", "number that cannot be read"),
        ("ce_revision", "1.5", "number that cannot be read"),
        ("ce_revision", "٣", "number that cannot be read"),
        ("ce_revision", str(2**63), "number that cannot be read"),
        ("ce_revision", "9" * 5_000, "number that cannot be read"),
        ("ce_rank", "0", "number that cannot be read"),
        ("ce_rank", str(2**15), "number that cannot be read"),
    ],
)
def test_an_unreadable_header_is_named(name: str, text: str, reason: str) -> None:
    headers = {**event_headers(MONTH, "1/2026-03", 7, CONTEXT), name: text}
    with pytest.raises(EnvelopeError) as refusal:
        read_envelope(headers)
    assert (refusal.value.reason, refusal.value.paths) == (reason, (name,))


def test_bounds_of_numbers_are_included() -> None:
    headers = event_headers(MONTH, "1/2026-03", 2**63 - 1, CONTEXT)
    read = read_envelope({**headers, "ce_rank": str(2**15 - 1)})
    assert (read.revision, read.rank) == (2**63 - 1, 2**15 - 1)


def test_every_missing_header_is_named_at_once() -> None:
    with pytest.raises(EnvelopeError) as refusal:
        read_envelope({"ce_specversion": "1.0", "ce_type": MONTH.name, "ce_rank": "1"})
    assert refusal.value.paths == ("ce_id", "ce_source", "ce_subject", "ce_time", "ce_revision")


def test_a_header_that_is_not_ours_is_named_by_its_place() -> None:
    for value in (None, b"\xff"):
        with pytest.raises(EnvelopeError) as refusal:
            read_headers([("ce_id", b"1"), ("DUPONT\x00", value)])
        assert refusal.value.paths == ("headers.1",)
