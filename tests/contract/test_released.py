"""Old events, today's consumer; today's events, old consumers: both read the other."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from shared.contracts.compatibility import narrowings, widenings
from shared.contracts.generate import event_example, schema
from shared.contracts.registry import REGISTRY, STRUCTURES, DocumentType, declared
from shared.kafka.records import Event, decode
from tests.contract.releases import Released, all_released, as_record
from tests.contract.today import (
    employments,
    exits,
    financial_annexes,
    monthly_states,
    structures,
    support_hours,
)

RELEASED = all_released()
TODAY = {
    DocumentType.STRUCTURE: structures(),
    DocumentType.FINANCIAL_ANNEX: financial_annexes(),
    DocumentType.MONTHLY_STATE: monthly_states(),
    DocumentType.EMPLOYMENT: employments(),
    DocumentType.EXIT: exits(),
    DocumentType.SUPPORT_HOURS: support_hours(),
}
released = pytest.mark.parametrize("release", RELEASED, ids=str)


def test_there_is_a_release_and_it_has_an_example_of_each_event() -> None:
    assert len(RELEASED) == 12
    assert {release.name for release in RELEASED} <= set(REGISTRY)
    assert all(release.example["headers"]["ce_type"] == release.name for release in RELEASED)


@released
def test_no_contract_is_narrower_nor_wider_than_released(release: Released) -> None:
    now = schema(REGISTRY[release.name])
    assert narrowings(release.schema, now) == []
    assert widenings(release.schema, now) == []


@released
def test_todays_consumer_reads_released_events(release: Released) -> None:
    event = REGISTRY[release.name]
    read = decode(as_record(event.topic, release.example), list(DocumentType))
    assert isinstance(read, Event)
    assert read.type is event
    assert read.envelope.subject == release.example["headers"]["ce_subject"]
    told = None if read.data is None else read.data.model_dump(mode="json", exclude_unset=True)
    assert told == release.example["data"]
    assert (read.data is None) == (event.topic == STRUCTURES and event.withdrawn)


@released
def test_a_released_schema_accepts_its_own_and_todays_example(release: Released) -> None:
    for example in (release.example, event_example(REGISTRY[release.name])):
        if example["data"] is not None:
            validator(release.schema).validate(example["data"])


@pytest.mark.parametrize("kind", list(DocumentType))
@given(draw=st.data())
@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_released_schema_reads_whatever_is_written_today(
    kind: DocumentType, draw: st.DataObject
) -> None:
    event = declared(kind)
    data: dict[str, Any] = draw.draw(TODAY[kind])
    event.model.model_validate(data, extra="forbid")
    newer = {**data, "added_later": {"by": "a newer release"}}
    for release in RELEASED:
        if release.name == event.name:
            validator(release.schema).validate(newer)


@released
def test_a_released_schema_can_refuse(release: Released) -> None:
    checker = validator(release.schema)
    assert not checker.is_valid({})
    assert not checker.is_valid([])


def validator(document: Any) -> Draft202012Validator:
    Draft202012Validator.check_schema(document)
    return Draft202012Validator(document, format_checker=Draft202012Validator.FORMAT_CHECKER)
