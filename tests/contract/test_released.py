"""Old events, today's consumer; today's events, old consumers: both read the other."""

from collections import Counter
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from pydantic import create_model

from shared.contracts.compatibility import narrowings, widenings
from shared.contracts.fields import Contract
from shared.contracts.generate import event_example, schema
from shared.contracts.registry import REGISTRY, STRUCTURES, DocumentType, EventType, declared
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
    versions = Counter(release.version for release in RELEASED)
    assert versions == {"0.1.0": 6, "0.2.0": 12}
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


@pytest.mark.parametrize("release", [r for r in RELEASED if ".declared." in r.name], ids=str)
@given(draw=st.data())
@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_todays_consumer_reads_whatever_a_release_wrote(
    release: Released, draw: st.DataObject
) -> None:
    event = REGISTRY[release.name]
    fields = release.schema["properties"]
    drawn = draw.draw(TODAY[event.document_type])
    data = {name: value for name, value in drawn.items() if name in fields}
    validator(release.schema).validate(data)
    headers = {**release.example["headers"], "ce_subject": event.subject(event.model(**data))}
    read = decode(as_record(event.topic, {"headers": headers, "data": data}), list(DocumentType))
    assert isinstance(read, Event)
    assert read.data is not None
    assert read.data.model_dump(mode="json", exclude_unset=True) == data


@released
def test_today_writes_every_attribute_that_a_release_reads(release: Released) -> None:
    today = event_example(REGISTRY[release.name])["headers"]
    assert set(today) >= set(release.example["headers"])


@pytest.mark.parametrize("event", REGISTRY.values(), ids=list(REGISTRY))
def test_a_release_that_adds_an_optional_field_and_today_read_each_other(event: EventType) -> None:
    example = event_example(event)
    if example["data"] is None:
        return
    newer = with_an_optional_field(event.model)
    registry = {**REGISTRY, event.name: replace(event, model=newer)}
    todays = decode(as_record(event.topic, example), list(DocumentType), registry)
    assert isinstance(todays, Event)
    assert isinstance(todays.data, newer)
    assert (
        todays.data.model_dump(exclude={"added_later"})
        == event.model(**example["data"]).model_dump()
    )
    written = {**example, "data": {**example["data"], "added_later": {"by": "a newer release"}}}
    read = decode(as_record(event.topic, written), list(DocumentType))
    assert isinstance(read, Event)
    assert read.data == event.model(**example["data"])


@released
def test_a_released_schema_can_refuse(release: Released) -> None:
    checker = validator(release.schema)
    assert not checker.is_valid({})
    assert not checker.is_valid([])


def with_an_optional_field(model: type[Contract]) -> type[Contract]:
    return create_model("Newer", __base__=model, added_later=(dict[str, str] | None, None))


def validator(document: Any) -> Draft202012Validator:
    Draft202012Validator.check_schema(document)
    return Draft202012Validator(document, format_checker=Draft202012Validator.FORMAT_CHECKER)
