"""A batch read in one pass is what the same declarations are, read one by one."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ingest import batches
from services.ingest.batches import Read, read_body, read_values
from services.ingest.domain.declarations import Declaration, Refused
from services.ingest.domain.faultless import read_faultless
from services.ingest.readers.bodies import BodyRefused, count_members, read_batch
from shared.contracts.generate import declaration_example
from shared.contracts.registry import DocumentType
from tests import bad_inputs
from tests.bad_inputs import MONTH

MOST = 20
EXAMPLES = [declaration_example(kind) for kind in DocumentType]
WITHDRAWAL = {"type": "exit", "data": {"contract_id": 1}, "withdrawn": True}
ODD: list[Any] = [None, True, False, 0, 1, -1, 1.0, 1e400, 10**30, "", "1", "1.5", "2026-01-01"]
ODD += ['é\\"\n', {}, [], [{}], {"type": 1}, "monthly-state", "exit", "VALIDE", "ACI"]


@st.composite
def altered(draw: st.DrawFn) -> Any:
    """An example, one member of which is perhaps changed, taken away or added."""
    raw = json.loads(json.dumps(draw(st.sampled_from([*EXAMPLES, WITHDRAWAL]))))
    objects = [raw, raw["data"], *raw["data"].get("lines", [])]
    chosen = draw(st.sampled_from(objects))
    name = draw(st.sampled_from([*chosen, "withdrawn", "person_id", "autre"]))
    match draw(st.sampled_from(["keep", "keep", "set", "take"])):
        case "set":
            chosen[name] = draw(st.sampled_from(ODD))
        case "take":
            chosen.pop(name, None)
    return raw


def one_by_one(body: bytes) -> list[Read]:
    return read_values(read_batch(body, by_line=False, most=MOST))


def outcome(body: bytes, read: Any) -> object:
    """What is read; code of the refusal of the whole."""
    try:
        return read(body)
    except BodyRefused as refused:
        return refused.status, refused.code


def whole(body: bytes) -> list[Read]:
    return read_body(body, by_line=False, most=MOST)


def faultless(*declarations: object) -> list[Declaration] | None:
    body = json.dumps(declarations).encode()
    return read_faultless(body, count_members(body, MOST))


@given(st.lists(altered(), max_size=4), st.booleans())
def test_one_pass_reads_what_one_by_one_reads(batch: list[Any], ascii_only: bool) -> None:
    body = json.dumps(batch, ensure_ascii=ascii_only).encode()
    assert outcome(body, whole) == outcome(body, one_by_one)


@given(st.lists(altered(), min_size=1, max_size=2), st.data())
def test_any_bytes_are_read_or_refused_alike(batch: list[Any], data: st.DataObject) -> None:
    text = json.dumps(batch)
    place = data.draw(st.integers(0, len(text)))
    cut = data.draw(st.integers(0, 3))
    put = data.draw(st.sampled_from(["", '"', ",", ":", "{", "]", "\\", "NaN", '"type":"exit",']))
    body = (text[:place] + put + text[place + cut :]).encode()
    assert outcome(body, whole) == outcome(body, one_by_one)


@pytest.mark.parametrize("raw", [raw for raw, _ in (*bad_inputs.FORMS, *bad_inputs.RULES)])
def test_a_fault_is_told_with_its_place_and_leaves_the_others(raw: object) -> None:
    body = json.dumps([MONTH, raw, *EXAMPLES]).encode()
    read = whole(body)
    assert read == one_by_one(body)
    assert [isinstance(one, Refused) for one in read] == [False, True] + [False] * len(EXAMPLES)


def test_a_batch_without_fault_of_form_is_read_in_one_pass() -> None:
    read = faultless(*EXAMPLES)
    assert read is not None
    assert [one.type for one in read] == list(DocumentType)


def test_an_array_without_fault_is_parsed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "read_batch", None)
    assert len(whole(json.dumps(EXAMPLES).encode())) == len(EXAMPLES)


@pytest.mark.parametrize(
    "raw", [WITHDRAWAL, {**MONTH, "withdrawn": False}, {**MONTH, "source": "asp"}]
)
def test_a_fault_or_a_withdrawal_has_all_read_one_by_one(raw: object) -> None:
    assert faultless(*EXAMPLES, raw) is None


@pytest.mark.parametrize("withdrawn", [0, 1, None, "false", [], True])
def test_withdrawn_is_a_boolean(withdrawn: object) -> None:
    (read,) = whole(json.dumps([{**MONTH, "withdrawn": withdrawn}]).encode())
    assert isinstance(read, Refused)


@pytest.mark.parametrize(
    ("once", "twice"),
    [
        ('"type"', '"type": "monthly-state", "type"'),
        ('"month"', '"month": 3, "month"'),
        ('"hours"', '"hours": "100", "hours"'),
        ('"hours"', '"hours": "100", "\\u0068ours"'),
    ],
)
def test_a_member_given_twice_refuses_the_whole(once: str, twice: str) -> None:
    body = json.dumps([MONTH]).replace(once, twice, 1).encode()
    assert outcome(body, whole) == (400, "repeated-member")
