"""CloudEvents 1.0 in Kafka's binary mode: attributes in `ce_*` headers, JSON data as the value.

Headers are read defensively: a record is anything that anyone could write on the topic.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property, lru_cache
from typing import NamedTuple

from shared.contracts.ids import event_id
from shared.contracts.registry import EventType

SPEC_VERSION = "1.0"
CONTENT_TYPE = "application/json"
LONGEST_HEADER = 200
"""Characters of a header that is written to a row."""
REQUIRED = ("ce_id", "ce_source", "ce_type", "ce_subject", "ce_time", "ce_revision", "ce_rank")
_NAMES = frozenset({*REQUIRED, "ce_specversion", "content-type", "traceparent"})


class EnvelopeError(ValueError):
    """The headers are not those of an event; `paths` names the headers at fault, never a value."""

    def __init__(self, reason: str, paths: Sequence[str]) -> None:
        super().__init__(reason)
        self.reason = reason
        self.paths = tuple(paths)


class Envelope(NamedTuple):
    """What is known of an event without touching its body."""

    id: str
    source: str
    type: str
    subject: str
    """The document's natural key."""
    time: datetime
    """When ingest accepted it (UTC)."""
    revision: int
    """µs since 1970; grows with each change of the document."""
    rank: int
    """Rank of the source: 1 is the best."""


@dataclass(frozen=True)
class Context:
    """What all events of one submission share."""

    source: str
    rank: int
    accepted_at: datetime
    trace_id: str
    """32 hexadecimal digits: one trace a submission."""

    @cached_property
    def time(self) -> str:
        """`accepted_at` as headers bear it."""
        return self.accepted_at.isoformat()


def event_headers(
    event: EventType, natural_key: str, revision: int, context: Context
) -> dict[str, str]:
    """The headers of one event, as text."""
    identifier = event_id(context.source, event.document_type, natural_key, revision)
    return {
        "ce_specversion": SPEC_VERSION,
        "ce_id": identifier,
        "ce_source": context.source,
        "ce_type": event.name,
        "ce_subject": natural_key,
        "ce_time": context.time,
        "ce_revision": str(revision),
        "ce_rank": str(context.rank),
        "content-type": CONTENT_TYPE,
        "traceparent": f"00-{context.trace_id}-{identifier.replace('-', '')[:16]}-01",
    }


def read_headers(headers: Sequence[tuple[str, bytes | None]]) -> dict[str, str]:
    """Headers as text; `EnvelopeError` when one is null or is not UTF-8, be it its name: the
    consumer's reader shows the bytes of such a name as U+FFFD.

    A header that is not ours is named by its place: its name is anyone's text.
    """
    try:
        texts = {name: value.decode() for name, value in headers}  # type: ignore[union-attr]
    except (AttributeError, UnicodeDecodeError):
        raise _unreadable(headers) from None
    if "\ufffd" in "".join(texts):
        raise _unreadable(headers)
    return texts


def _unreadable(headers: Sequence[tuple[str, bytes | None]]) -> EnvelopeError:
    """Which header cannot be read, and why: the first one."""
    for place, (name, value) in enumerate(headers):
        if "\ufffd" in name:
            return EnvelopeError("header name that is not UTF-8", [_path(name, place)])
        if value is None:
            return EnvelopeError("header without a value", [_path(name, place)])
        try:
            value.decode()
        except UnicodeDecodeError:
            return EnvelopeError("header that is not UTF-8", [_path(name, place)])
    raise AssertionError("every header can be read")


def _path(name: str, place: int) -> str:
    return name if name in _NAMES else f"headers.{place}"


def read_envelope(texts: Mapping[str, str]) -> Envelope:
    """The envelope of a record's headers; `EnvelopeError` when one is missing or unreadable."""
    if not all(map(texts.get, REQUIRED)):
        missing = [name for name in REQUIRED if not texts.get(name)]
        raise EnvelopeError("header missing", missing)
    if texts.get("ce_specversion") != SPEC_VERSION:
        raise EnvelopeError("not CloudEvents 1.0", ["ce_specversion"])
    return Envelope(
        id=texts["ce_id"],
        source=_clean(texts, "ce_source"),
        type=texts["ce_type"],
        subject=_clean(texts, "ce_subject"),
        time=_instant(texts["ce_time"]),
        revision=_integer(texts["ce_revision"], "ce_revision", 0, 2**63 - 1),
        rank=_integer(texts["ce_rank"], "ce_rank", 1, 2**15 - 1),
    )


def _clean(texts: Mapping[str, str], name: str) -> str:
    text = texts[name]
    if "\x00" in text:
        raise EnvelopeError("header with a NUL", [name])
    if len(text) > LONGEST_HEADER:
        raise EnvelopeError("header too long", [name])
    return text


# All events of a submission bear the same instant, and most of them the same revision.
@lru_cache(maxsize=64)
def _instant(text: str) -> datetime:
    """In UTC, so that no instant at the edge of the calendar overflows later."""
    try:
        instant = datetime.fromisoformat(text)
        in_utc = instant.astimezone(UTC)
    except (ValueError, OverflowError):
        raise EnvelopeError("instant that cannot be read", ["ce_time"]) from None
    if instant.tzinfo is None:
        raise EnvelopeError("instant without offset", ["ce_time"])
    return in_utc


@lru_cache(maxsize=64)
def _integer(text: str, name: str, minimum: int, maximum: int) -> int:
    digits = text.isascii() and text.isdigit() and len(text) <= 19
    if not (digits and minimum <= int(text) <= maximum):
        raise EnvelopeError("number that cannot be read", [name])
    return int(text)
