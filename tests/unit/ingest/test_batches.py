"""A batch of months read at once is what the same declarations are, read one by one."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ingest import batches
from services.ingest.batches import Read, read_body, read_values
from services.ingest.domain.declarations import (
    LONGEST_MONTH,
    DeclaredLine,
    MonthDeclaration,
    Refused,
    read_declaration,
)
from services.ingest.domain.declared_months import DeclaredMonth, Line
from services.ingest.readers.bodies import BodyRefused, read_batch
from services.ingest.readers.month_batches import read_months
from shared.contracts.generate import declaration_example
from shared.contracts.registry import DocumentType
from shared.rules.monthly_states import STATES
from tests import bad_inputs
from tests.bad_inputs import MONTH, changed, with_line

MOST = 20
OTHERS = [
    declaration_example(kind) for kind in DocumentType if kind is not DocumentType.MONTHLY_STATE
]
EXAMPLES = [declaration_example(kind) for kind in DocumentType]
WITHDRAWAL = {"type": "exit", "data": {"contract_id": 1}, "withdrawn": True}
ODD: list[Any] = [None, True, False, 0, 1, -1, 1.0, 1e400, 10**30, "", "1", "1.5", "2026-01-01"]
ODD += ['é\\"\n', {}, [], [{}], {"type": 1}, "monthly-state", "exit", "VALIDE", "ACI"]
ADDED = ["withdrawn", "person_id", "person", "hash_key_id", "autre"]
PUT = ["", *'",:{]-0', "\\", "NaN", "null", ".0", '"type":"exit",', '"month":3,']
DECIMALS = st.from_regex(r"[0-9]{1,18}(\.[0-9]{1,30})?", fullmatch=True)
IDS = st.integers(0, 10**18 - 1)
LINES = st.fixed_dictionaries(
    {
        "line_id": IDS,
        "version": st.integers(0, 10**9 - 1),
        "state": st.sampled_from(STATES),
        "hours": st.one_of(st.integers(0, 744).map(str), DECIMALS),
    },
    optional={
        "asp_etp": st.none() | DECIMALS,
        "contract_id": st.none() | IDS,
        "person_id": st.none() | IDS,
    },
)
MONTHS = st.fixed_dictionaries(
    {
        "type": st.just("monthly-state"),
        "data": st.fixed_dictionaries(
            {
                "annex_id": IDS,
                "year": st.integers(0, 9999),
                "month": st.integers(1, 12),
                "lines": st.lists(LINES, min_size=1, max_size=4),
            }
        ),
    }
)
"""Months without fault of form; some have one that a rule refuses."""


@st.composite
def altered(draw: st.DrawFn, examples: st.SearchStrategy[Any]) -> Any:
    """An example, one member of which is perhaps changed, taken away or added."""
    raw = json.loads(json.dumps(draw(examples)))
    objects = [raw, raw["data"], *raw["data"].get("lines", [])]
    chosen = draw(st.sampled_from(objects))
    name = draw(st.sampled_from([*chosen, *ADDED]))
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


def at_once(*declarations: object) -> list[Any] | None:
    return read_months(json.dumps(declarations).encode(), MOST)


ANY = st.one_of(MONTHS, st.sampled_from([*EXAMPLES, WITHDRAWAL]))
BATCHES = st.lists(altered(MONTHS), max_size=3) | st.lists(altered(ANY), max_size=4)


def with_null(name: str) -> dict[str, Any]:
    """The example month with another first line, that bears a null."""
    month = with_line()
    month["data"]["lines"][0][name] = None
    return month


@given(st.lists(MONTHS, min_size=1, max_size=5), st.sampled_from([None, 1]))
def test_months_without_fault_of_form_are_read_at_once(
    months: list[Any], indent: int | None
) -> None:
    body = json.dumps(months, indent=indent).encode()
    assert read_months(body, MOST) == [read_declaration(month) for month in months]


@given(BATCHES, st.booleans())
def test_read_at_once_or_one_by_one_is_the_same(batch: list[Any], ascii_only: bool) -> None:
    body = json.dumps(batch, ensure_ascii=ascii_only).encode()
    assert outcome(body, whole) == outcome(body, one_by_one)


@given(BATCHES.filter(bool), st.data())
def test_any_bytes_are_read_or_refused_alike(batch: list[Any], data: st.DataObject) -> None:
    text = json.dumps(batch)
    place = data.draw(st.integers(0, len(text)))
    cut = data.draw(st.integers(0, 3))
    put = data.draw(st.sampled_from(PUT))
    body = (text[:place] + put + text[place + cut :]).encode()
    assert outcome(body, whole) == outcome(body, one_by_one)


@pytest.mark.parametrize("raw", [raw for raw, _ in (*bad_inputs.FORMS, *bad_inputs.RULES)])
@pytest.mark.parametrize("others", [[MONTH], OTHERS])
def test_a_fault_is_told_with_its_place_and_leaves_the_others(
    raw: object, others: list[Any]
) -> None:
    body = json.dumps([MONTH, raw, *others]).encode()
    read = whole(body)
    assert read == one_by_one(body)
    assert [isinstance(one, Refused) for one in read] == [False, True] + [False] * len(others)


def test_an_array_of_months_is_parsed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "read_batch", None)
    assert len(whole(json.dumps([MONTH] * MOST).encode())) == MOST


@pytest.mark.parametrize(
    "raw",
    [
        *OTHERS,
        *(raw for raw, _ in bad_inputs.FORMS),
        WITHDRAWAL,
        {**MONTH, "withdrawn": False},
        {**MONTH, "data": {**MONTH["data"], "hash_key_id": None}},
        with_null("person"),
        with_null("hash_key_id"),
        with_null("hours"),
        changed(MONTH, annex_id=10**19),
        changed(MONTH, lines=[MONTH["data"]["lines"][0]] * (LONGEST_MONTH + 1)),
        changed(MONTH, year=-1),
        changed(MONTH, month=0),
        with_line(version=10**9),
        with_line(line_id=10**18),
        with_line(contract_id=-1),
        with_line(person_id=10**18),
        with_line(asp_etp="1:5"),
        with_line(hours="1\n"),
    ],
)
def test_what_is_no_month_or_has_a_fault_of_form_is_not_read_at_once(raw: object) -> None:
    assert at_once(MONTH) is not None
    assert at_once(MONTH, raw) is None


def test_how_many_months_there_are_is_bounded_before_parsing() -> None:
    assert len(at_once(*[MONTH] * MOST) or ()) == MOST
    assert at_once(*[MONTH] * (MOST + 1)) is None
    hidden = json.dumps([MONTH] * (MOST + 1)).replace("monthly-state", "monthly\\u002dstate")
    assert read_months(hidden.encode(), MOST) is None
    assert outcome(hidden.encode(), whole) == (413, "too-many-declarations")


def test_every_member_that_may_be_declared_is_read() -> None:
    assert set(Line.__struct_fields__) == {*DeclaredLine.__annotations__, "person"}
    of_month = {*MonthDeclaration.model_fields, "hash_key_id"}
    assert set(DeclaredMonth.__struct_fields__) == of_month


@pytest.mark.parametrize("withdrawn", [0, 1, None, "false", [], True])
def test_withdrawn_is_a_boolean(withdrawn: object) -> None:
    (read,) = whole(json.dumps([{**MONTH, "withdrawn": withdrawn}]).encode())
    assert isinstance(read, Refused)


@pytest.mark.parametrize(
    ("once", "twice"),
    [
        ('"type"', '"type": "monthly-state", "type"'),
        ('"month"', '"month": 3, "month"'),
        ('"lines"', '"lines": [], "lines"'),
        ('"hours"', '"hours": "100", "hours"'),
        ('"hours"', '"hours": "100", "\\u0068ours"'),
        ('"contract_id"', '"contract_id": null, "contract_id"'),
        ('"asp_etp"', '"asp_etp": "1:0", "asp_etp"'),
    ],
)
def test_a_member_given_twice_refuses_the_whole(once: str, twice: str) -> None:
    body = json.dumps([MONTH]).replace(once, twice, 1).encode()
    assert outcome(body, whole) == (400, "repeated-member")
