"""A declaration is read strictly; what a person can still correct is refused with its place."""

import pytest

from services.ingest.domain.declarations import Declaration, Refused, read_declaration
from services.ingest.domain.declared_rules import refusals
from services.ingest.domain.sources import Source
from services.ingest.domain.verdicts import Status, Verdict, http_status
from shared.contracts.generate import declaration_example
from shared.contracts.registry import DocumentType
from shared.web.faults import Fault
from tests import bad_inputs
from tests.bad_inputs import ANNEX, EMPLOYMENT, EXIT, MONTH, changed, with_line


def faults_of(raw: object) -> list[tuple[str, str]]:
    """Code and path of all that is wrong."""
    read = read_declaration(raw)
    errors = read.errors if isinstance(read, Refused) else refusals(read)
    return [(fault.code, fault.path) for fault in errors]


@pytest.mark.parametrize("kind", list(DocumentType))
def test_an_example_is_a_declaration(kind: DocumentType) -> None:
    read = read_declaration(declaration_example(kind))
    assert isinstance(read, Declaration)
    assert (read.type, read.withdrawn, refusals(read)) == (kind, False, ())


@pytest.mark.parametrize(("raw", "found"), bad_inputs.FORMS)
def test_a_wrong_form_is_refused_with_its_place(raw: object, found: list[tuple[str, str]]) -> None:
    assert sorted(faults_of(raw)) == sorted(found)


@pytest.mark.parametrize(("raw", "found"), bad_inputs.RULES)
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
        changed(EMPLOYMENT, rsa=None),
        changed(EXIT, reason=None, category=None),
        changed(EXIT, reason="deces", category=None),
        changed(EXIT, reason="PARTI", category="sorties positives"),
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
