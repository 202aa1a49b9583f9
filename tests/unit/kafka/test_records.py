"""The poison matrix: whatever anyone wrote on a topic has one outcome, and never raises."""

import json
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from shared.contracts.registry import REGISTRY, DocumentType
from shared.database.dead_letters import Failure, FailureKind
from shared.kafka.records import MAX_VALUE_BYTES, Event, decode
from tests.unit.kafka.building import ALL_TYPES, MONTH, LogRecord, event_record

STRUCTURE = "fr.cadran.structure.declared.v1"
STRUCTURE_GONE = "fr.cadran.structure.withdrawn.v1"
SECRET = "1850693999999 DUPONT"
BODY = event_record().value or b""


def failure(record: LogRecord) -> tuple[str, tuple[str, ...]]:
    """Kind and paths of the failure that decoding gives."""
    read = decode(record, ALL_TYPES)
    assert isinstance(read, Failure), read
    return read.kind.value, read.paths


def with_field(text: bytes) -> bytes:
    """The month's body with one more member."""
    return BODY[:-1] + b", " + text + b"}"


@pytest.mark.parametrize("name", sorted(REGISTRY))
def test_a_sound_record_is_an_event(name: str) -> None:
    read = decode(event_record(name), ALL_TYPES)
    assert isinstance(read, Event)
    assert (read.type.name, read.envelope.source, read.envelope.rank) == (name, "asp", 1)


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(None, id="null"),
        pytest.param(b"", id="empty"),
        pytest.param(b"\x00", id="one-nul"),
        pytest.param(b"{", id="cut"),
        pytest.param(b"{} {}", id="two-documents"),
        pytest.param(b"\xef\xbb\xbf" + BODY, id="bom"),
        pytest.param(BODY.decode().encode("utf-16"), id="utf-16"),
        pytest.param(with_field(b'"x": "\xe9"'), id="latin-1"),
        pytest.param(with_field(b'"x": ' + b"[" * 100_000), id="deep-cut"),
        pytest.param(with_field(b'"x": ' + b"[" * 9_999 + b"]" * 9_999), id="deep"),
        pytest.param(with_field(b'"x": ' + b"9" * 5_000), id="number-of-5000-digits"),
        pytest.param(with_field(b'"hash_key_id": "\\ud800"'), id="lone-surrogate"),
        pytest.param(with_field(b'"x": "\\udfff"'), id="lone-surrogate-ignored"),
        pytest.param(with_field(b'"hash_key_id": "\xed\xa0\x80"'), id="raw-surrogate"),
        pytest.param(with_field(b"NaN"), id="bare-nan"),
    ],
)
def test_what_is_not_json_is_undecodable(value: bytes | None) -> None:
    assert failure(event_record(value=value)) == ("undecodable", ())


@pytest.mark.parametrize(
    ("value", "path"),
    [
        pytest.param(b"null", "", id="json-null"),
        pytest.param(b"[]", "", id="array"),
        pytest.param(b'"x"', "", id="string"),
        pytest.param(b"NaN", "", id="nan-alone"),
        pytest.param(with_field(b'"annex_id": NaN'), "annex_id", id="nan"),
        pytest.param(with_field(b'"month": -Infinity'), "month", id="infinity"),
        pytest.param(with_field(b'"hash_key_id": "a\\u0000b"'), "hash_key_id", id="nul-in-text"),
        pytest.param(with_field(b'"year": 2026.0'), "year", id="float-for-integer"),
        pytest.param(with_field(b'"year": "2026"'), "year", id="text-for-integer"),
        pytest.param(with_field(b'"month": 13'), "month", id="month-13"),
        pytest.param(with_field(b'"lines": []'), "lines", id="no-line"),
        pytest.param(with_field(b'"lines": [3]'), "lines.0", id="line-not-object"),
    ],
)
def test_json_outside_the_contract_is_a_violation(value: bytes, path: str) -> None:
    assert failure(event_record(value=value)) == ("contract_violation", (path,))


LINE = b'{"line_id": 1, "version": 1, "state": "SAISI", "hours": "1", "contract_id": 1}'


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(with_field(b'"month": 3'), id="same-value"),
        pytest.param(with_field(b'"annex_id": 1'), id="other-value"),
        pytest.param(with_field(b'"hash_key_id": "k", "hash_key_id": "k"'), id="optional"),
        pytest.param(with_field(b'"lines": [' + LINE[:-1] + b', "hours": "2"}]'), id="list-twice"),
        pytest.param(BODY.replace(b'"hours":', b'"hours": "9", "hours":', 1), id="in-a-line"),
        pytest.param(with_field(b'"\\u006donth": 3'), id="escaped"),
        pytest.param(with_field(b'"x" : 1, "x" : 2'), id="ignored-member"),
        pytest.param(with_field(b'"x": {"y": [{"z": 1, "z": 1}]}'), id="deep-in-one"),
    ],
)
def test_a_member_given_twice_has_no_meaning(value: bytes) -> None:
    assert failure(event_record(value=value)) == ("undecodable", ())


@pytest.mark.parametrize(
    "text",
    [
        b'"hash_key_id": "a:b", "x": {"month": 1, "year": {"month": 2}}',
        b'"x": "\\"month\\": 3", "y": [{"month": 1}, {"month": 1}]',
        b'"x": NaN, "y": -Infinity, "z": ' + b"9" * 4_000,
    ],
)
def test_what_only_looks_given_twice_is_sound(text: bytes) -> None:
    assert isinstance(decode(event_record(value=with_field(text)), ALL_TYPES), Event)


def test_all_paths_at_fault_are_named_up_to_twenty() -> None:
    line = {"line_id": -1, "version": 1, "state": "?", "hours": "x", "contract_id": 1}
    kind, paths = failure(event_record(data={"month": 0, "lines": [line] * 50}))
    assert kind == "contract_violation"
    assert paths[:4] == ("month", "lines.0.line_id", "lines.0.state", "lines.0.hours")
    assert len(paths) == 20


def test_a_nan_where_nobody_reads_is_ignored_like_any_unknown_field() -> None:
    assert isinstance(decode(event_record(value=with_field(b'"x": NaN')), ALL_TYPES), Event)


def test_size_is_judged_before_the_body_is_read() -> None:
    assert failure(event_record(value=b"[" * 5_000_000)) == ("too_large", ())
    assert failure(event_record(value=b" " * (MAX_VALUE_BYTES + 1))) == ("too_large", ())
    padded = BODY + b" " * (MAX_VALUE_BYTES - len(BODY))
    assert isinstance(decode(event_record(value=padded), ALL_TYPES), Event)


def test_a_null_value_is_a_tombstone_on_structures_only() -> None:
    read = decode(event_record(STRUCTURE_GONE), ALL_TYPES)
    assert isinstance(read, Event)
    assert (read.data, read.envelope.subject, read.type.withdrawn) == (None, "4101", True)
    for name in sorted(REGISTRY):
        if not name.startswith("fr.cadran.structure"):
            assert failure(event_record(name, value=None)) == ("undecodable", ())


@pytest.mark.parametrize(
    ("headers", "kind", "paths"),
    [
        ({"ce_type": None}, "bad_envelope", ("ce_type",)),
        ({"ce_type": ""}, "bad_envelope", ("ce_type",)),
        ({"ce_type": "fr.cadran.invoice.declared.v1"}, "unknown_type", ("ce_type",)),
        ({"ce_type": MONTH.name + "\x00"}, "unknown_type", ("ce_type",)),
        ({"ce_type": MONTH.name.upper()}, "unknown_type", ("ce_type",)),
        ({"ce_type": MONTH.name[:-1] + "2"}, "unknown_version", ()),
        ({"ce_type": MONTH.name[:-1] + "999"}, "unknown_version", ()),
        ({"ce_specversion": None}, "bad_envelope", ("ce_specversion",)),
        ({"ce_id": None, "ce_rank": None}, "bad_envelope", ("ce_id", "ce_rank")),
        ({"ce_time": "2026-11-08"}, "bad_envelope", ("ce_time",)),
        ({"ce_source": "asp\x00"}, "bad_envelope", ("ce_source",)),
        ({"ce_revision": "-1"}, "bad_envelope", ("ce_revision",)),
        ({"ce_revision": str(2**63)}, "bad_envelope", ("ce_revision",)),
        ({"ce_revision": "NaN"}, "bad_envelope", ("ce_revision",)),
        ({"ce_rank": "0"}, "bad_envelope", ("ce_rank",)),
        ({"ce_rank": "32768"}, "bad_envelope", ("ce_rank",)),
        ({"ce_subject": "42001/2026-04"}, "contract_violation", ("ce_subject",)),
        ({"ce_subject": "042001/2026-03"}, "contract_violation", ("ce_subject",)),
    ],
)
def test_headers_at_fault(
    headers: dict[str, str | None], kind: str, paths: tuple[str, ...]
) -> None:
    assert failure(event_record(headers=headers)) == (kind, paths)


@pytest.mark.parametrize("value", [None, b"\xff\xfe", b"\xed\xa0\x80"])
def test_a_header_null_or_not_utf8_costs_its_record_only(value: bytes | None) -> None:
    record = event_record()
    for name, path in (("ce_rank", "ce_rank"), (SECRET, "headers.10")):
        spoilt = [(n, v) for n, v in record.headers if n != name] + [(name, value)]
        assert failure(LogRecord(value=record.value, headers=spoilt)) == ("bad_envelope", (path,))


def test_what_is_not_for_us_is_skipped_without_reading_its_body() -> None:
    for value in (None, b"", b"\xff", b"[" * 5_000_000):
        assert decode(event_record(value=value), [DocumentType.STRUCTURE]) is None
    assert decode(event_record(STRUCTURE, value=b"{"), [DocumentType.MONTHLY_STATE]) is None


def test_what_is_unknown_is_never_not_for_us() -> None:
    for name in ("fr.cadran.invoice.declared.v1", MONTH.name[:-1] + "2"):
        read = decode(event_record(headers={"ce_type": name}), [])
        assert isinstance(read, Failure)


HEADER_NAMES = st.sampled_from(
    [name for name, _ in event_record().headers] + ["x", "", "\x00", SECRET]
)
HEADERS = st.lists(st.tuples(HEADER_NAMES, st.none() | st.binary(max_size=40)), max_size=12)
JSONS = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=8,
)
FIELDS = st.sampled_from(["annex_id", "year", "month", "lines", "hash_key_id", "x"])


@given(HEADERS, st.none() | st.binary(max_size=300), st.lists(st.sampled_from(ALL_TYPES)))
def test_nothing_that_is_written_raises(
    headers: list[tuple[str, bytes | None]], value: bytes | None, kinds: list[DocumentType]
) -> None:
    """Headers at random, then the same over sound ones, so that bodies are reached too."""
    sound = list(event_record().headers)
    for given_headers in (headers, [*sound, *headers], sound):
        read = decode(LogRecord(value=value, headers=given_headers), kinds)
        assert read is None or isinstance(read, Event | Failure)


@given(st.dictionaries(FIELDS, JSONS, max_size=4))
@example({"hash_key_id": SECRET * 10, "annex_id": SECRET})
@example({"lines": [{"line_id": 1, "hours": SECRET, "state": SECRET, "person": SECRET}]})
@example({SECRET: SECRET})
def test_a_failure_never_tells_what_was_written(fields: dict[str, Any]) -> None:
    """Trap 19: texts are a fixed vocabulary; paths are our names and places in lists."""
    read = decode(event_record(data={**fields, "nir": SECRET}), ALL_TYPES)
    if not isinstance(read, Failure):
        return
    assert "DUPONT" not in repr(read)
    assert "1850693" not in repr(read)
    known = set(json.loads(BODY)) | set(json.loads(BODY)["lines"][0])
    known |= {"", "hash_key_id", "person", "ce_subject"}
    assert {part for path in read.paths for part in path.split(".") if not part.isdigit()} <= known


@pytest.mark.parametrize(
    "headers",
    [
        {"ce_type": SECRET},
        {"ce_time": SECRET},
        {"ce_subject": SECRET},
        {"ce_source": SECRET * 20},
        {"ce_revision": SECRET},
        {"ce_specversion": SECRET},
    ],
)
def test_nor_what_a_header_held(headers: dict[str, str | None]) -> None:
    read = decode(event_record(headers=headers), ALL_TYPES)
    assert isinstance(read, Failure)
    assert "DUPONT" not in repr(read)


def test_every_kind_but_the_domains_own_is_reached() -> None:
    reached = {
        failure(record)[0]
        for record in (
            event_record(value=b" " * 5_000_000),
            event_record(value=b""),
            event_record(headers={"ce_id": None}),
            event_record(headers={"ce_type": "x"}),
            event_record(headers={"ce_type": MONTH.name[:-1] + "2"}),
            event_record(value=b"{}"),
        )
    }
    assert reached == set(FailureKind) - {FailureKind.DOMAIN_REJECTED}
