"""A declaration is read strictly; what a person can still correct is refused with its place."""

import copy
from typing import Any

import pytest

from services.ingest.domain.declarations import Declaration, Refused, read_declaration
from services.ingest.domain.declared_rules import refusals
from services.ingest.domain.sources import Source
from services.ingest.domain.verdicts import Status, Verdict, http_status
from shared.contracts.generate import declaration_example
from shared.contracts.registry import DocumentType
from shared.web.faults import Fault

MONTH = declaration_example(DocumentType.MONTHLY_STATE)
ANNEX = declaration_example(DocumentType.FINANCIAL_ANNEX)
EMPLOYMENT = declaration_example(DocumentType.EMPLOYMENT)
SUPPORT = declaration_example(DocumentType.SUPPORT_HOURS)


def faults_of(raw: object) -> list[tuple[str, str]]:
    """Code and path of all that is wrong."""
    read = read_declaration(raw)
    errors = read.errors if isinstance(read, Refused) else refusals(read)
    return [(fault.code, fault.path) for fault in errors]


def changed(declaration: dict[str, Any], **data: Any) -> dict[str, Any]:
    """A declaration with other data; None takes a field away."""
    new = copy.deepcopy(declaration)
    new["data"] = {n: v for n, v in {**new["data"], **data}.items() if v is not None}
    return new


def with_line(**line: Any) -> dict[str, Any]:
    new = copy.deepcopy(MONTH)
    first = {**new["data"]["lines"][0], **line}
    new["data"]["lines"][0] = {n: v for n, v in first.items() if v is not None}
    return new


@pytest.mark.parametrize("kind", list(DocumentType))
def test_an_example_is_a_declaration(kind: DocumentType) -> None:
    read = read_declaration(declaration_example(kind))
    assert isinstance(read, Declaration)
    assert (read.type, read.withdrawn, refusals(read)) == (kind, False, ())


@pytest.mark.parametrize(
    ("raw", "found"),
    [
        (None, [("invalid-value", "")]),
        ([MONTH], [("invalid-value", "")]),
        ({}, [("missing-value", "type"), ("missing-value", "data")]),
        ({"type": "monthly-state"}, [("missing-value", "data")]),
        ({**MONTH, "type": "invoice"}, [("unknown-type", "type")]),
        ({**MONTH, "type": 7}, [("unknown-type", "type")]),
        ({**MONTH, "source": "asp"}, [("unknown-field", "source")]),
        ({**MONTH, "DUPONT": 1}, [("unknown-field", "*")]),
        ({**MONTH, "withdrawn": "true"}, [("invalid-value", "withdrawn")]),
        ({**MONTH, "data": None}, [("invalid-value", "data")]),
        ({**MONTH, "data": []}, [("invalid-value", "data")]),
        (changed(MONTH, annex_id="42001"), [("unreadable-number", "data.annex_id")]),
        (changed(MONTH, annex_id=42001.0), [("unreadable-number", "data.annex_id")]),
        (changed(MONTH, annex_id=-1), [("invalid-value", "data.annex_id")]),
        (changed(MONTH, annex_id=10**18), [("invalid-value", "data.annex_id")]),
        (changed(MONTH, annex_id=10**400), [("invalid-value", "data.annex_id")]),
        (changed(MONTH, month=13), [("invalid-value", "data.month")]),
        (changed(MONTH, lines=[]), [("invalid-value", "data.lines")]),
        (changed(MONTH, hash_key_id="x"), [("unknown-field", "data.hash_key_id")]),
        (with_line(hours=113), [("invalid-value", "data.lines.0.hours")]),
        (with_line(hours="1,5"), [("invalid-value", "data.lines.0.hours")]),
        (with_line(hours="-1"), [("invalid-value", "data.lines.0.hours")]),
        (with_line(state="VALIDÉ"), [("invalid-value", "data.lines.0.state")]),
        (with_line(person="a" * 32), [("unknown-field", "data.lines.0.person")]),
        (with_line(line_id=None), [("missing-value", "data.lines.0.line_id")]),
        (changed(ANNEX, starts_on="01/01/2026"), [("unreadable-date", "data.starts_on")]),
        (changed(ANNEX, starts_on=0), [("unreadable-date", "data.starts_on")]),
        (changed(ANNEX, starts_on="2026-02-30"), [("unreadable-date", "data.starts_on")]),
        (changed(ANNEX, state="ACTIVE"), [("invalid-value", "data.state")]),
        (changed(ANNEX, funder="a\x00b"), [("invalid-value", "data.funder")]),
        (changed(ANNEX, rsa_amounts=[]), [("unknown-field", "data.rsa_amounts")]),
        (changed(EMPLOYMENT, ass="non"), [("invalid-value", "data.ass")]),
        (changed(EMPLOYMENT, person="a" * 32), [("unknown-field", "data.person")]),
        (changed(EMPLOYMENT, last_name="DUPONT"), [("unknown-field", "data.last_name")]),
        (changed(SUPPORT, kind="GEIQ"), [("invalid-value", "data.kind")]),
        (changed(SUPPORT, year=10_000), [("invalid-value", "data.year")]),
    ],
)
def test_a_wrong_form_is_refused_with_its_place(raw: object, found: list[tuple[str, str]]) -> None:
    assert sorted(faults_of(raw)) == sorted(found)


@pytest.mark.parametrize(
    ("raw", "found"),
    [
        (with_line(hours="745"), ("hours-over-744", "data.lines.0.hours")),
        (with_line(hours="75.5"), ("hours-not-whole", "data.lines.0.hours")),
        (with_line(contract_id=None), ("missing-value", "data.lines.0.contract_id")),
        (with_line(line_id=900_132, version=2), ("key-reused", "data.lines.1.line_id")),
        (changed(ANNEX, measure="GEIQ_DC"), ("unknown-measure", "data.measure")),
        (changed(ANNEX, ends_on="2025-12-31"), ("end-before-start", "data.ends_on")),
        (changed(ANNEX, contracted_etp=None), ("missing-value", "data.contracted_etp")),
        (changed(EMPLOYMENT, measure="X"), ("unknown-measure", "data.measure")),
        (changed(EMPLOYMENT, ends_on="2025-08-31"), ("end-before-start", "data.ends_on")),
        (changed(EMPLOYMENT, nir="285437218900458"), ("nir-key", "data.nir")),
        (changed(EMPLOYMENT, nir="1111111111111"), ("unreadable-nir", "data.nir")),
        (changed(EMPLOYMENT, nir="2854"), ("unreadable-nir", "data.nir")),
        (changed(EMPLOYMENT, nir=None, person_id=None), ("missing-value", "data.nir")),
    ],
)
def test_what_a_person_can_correct_is_refused(raw: object, found: tuple[str, str]) -> None:
    assert faults_of(raw) == [found]


@pytest.mark.parametrize(
    "raw",
    [
        with_line(hours="744"),
        with_line(hours="113.00"),
        with_line(hours="0"),
        with_line(state="SAISI"),
        with_line(contract_id=None, person_id=7),
        changed(ANNEX, measure="FDI_DC", contracted_etp=None),
        changed(EMPLOYMENT, nir=None),
        changed(EMPLOYMENT, person_id=None, nir="2 85 43 72 189 004"),
    ],
)
def test_what_is_right_is_not_refused(raw: object) -> None:
    assert faults_of(raw) == []


def test_a_withdrawal_bears_the_key_alone() -> None:
    key = {"annex_id": 42001, "year": 2026, "month": 3}
    read = read_declaration({"type": "monthly-state", "data": key, "withdrawn": True})
    assert isinstance(read, Declaration)
    assert (read.withdrawn, read.data.model_dump()) == (True, key)
    assert faults_of({**MONTH, "withdrawn": True}) == [("unknown-field", "data.lines")]
    assert faults_of({"type": "monthly-state", "data": key}) == [("missing-value", "data.lines")]


def test_no_refusal_repeats_what_was_sent() -> None:
    for raw in (changed(EMPLOYMENT, nir="NIR0SECRET"), changed(EMPLOYMENT, DUPONT="DURAND")):
        read = read_declaration(raw)
        errors = read.errors if isinstance(read, Refused) else refusals(read)
        assert errors
        assert not any(word in str(errors) for word in ("SECRET", "DUPONT", "DURAND"))


def test_the_first_rank_declares_for_all_and_the_others_for_their_mandates() -> None:
    assert Source("asp", 1).may_declare_for(frozenset())
    editor = Source("editor", 2, frozenset({101, 102}))
    assert editor.may_declare_for({101})
    assert not editor.may_declare_for({101, 103})
    assert not editor.may_declare_for(frozenset())


@pytest.mark.parametrize(
    ("outcomes", "status"),
    [
        ([""], 201),
        (["", ""], 201),
        (["", "not-mandated"], 207),
        (["unknown-annex"], 400),
        (["not-mandated"], 403),
        (["not-mandated", "unknown-type"], 400),
    ],
)
def test_a_batch_has_one_status(outcomes: list[str], status: int) -> None:
    verdicts = [
        Verdict(index, Status.REJECTED, errors=(Fault(code, "", ""),))
        if code
        else Verdict(index, Status.ACCEPTED, "id")
        for index, code in enumerate(outcomes)
    ]
    assert http_status(verdicts) == status
