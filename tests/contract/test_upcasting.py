"""A second version, of the tests alone: events of both versions lie in the log, and a consumer's
code knows the second one only."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from shared.contracts.fields import Contract, Id, Text
from shared.contracts.generate import event_example
from shared.contracts.registry import (
    REGISTRY,
    DocumentType,
    EventType,
    Upcaster,
    declared,
    upcast,
    withdrawn,
)
from shared.contracts.structure_v1 import StructureDeclared
from shared.database.dead_letters import Failure, FailureKind
from shared.kafka.records import Event, decode
from tests.contract.releases import as_record

V1 = declared(DocumentType.STRUCTURE)
V2_NAME = "fr.cadran.structure.declared.v2"


class Place(Contract):
    """Two fields of the first version, in one."""

    municipality: Text | None
    insee_code: Text | None


class StructureDeclaredV2(Contract):
    """The name is required, the place a field of its own."""

    structure_id: Id
    name: Text
    place: Place


def upcast_structure(old: StructureDeclared) -> StructureDeclaredV2:
    place = {"municipality": old.municipality, "insee_code": old.insee_code}
    return StructureDeclaredV2.model_validate(
        {"structure_id": old.structure_id, "name": old.name, "place": place}
    )


V2 = replace(V1, name=V2_NAME, model=StructureDeclaredV2)
NEXT: Mapping[str, EventType] = {
    **REGISTRY,
    V1.name: replace(V1, upcaster=Upcaster(V2_NAME, upcast_structure)),
    V2_NAME: V2,
}


def read(
    name: str, data: dict[str, Any] | None, registry: Mapping[str, EventType] = NEXT
) -> Event | Failure | None:
    headers = {**event_example(V1)["headers"], "ce_type": name, "ce_subject": "7"}
    record = as_record(V1.topic, {"headers": headers, "data": data})
    return decode(record, [DocumentType.STRUCTURE], registry)


OLD = {"structure_id": 7, "name": "ATELIER", "municipality": "LYON", "insee_code": "69123"}
NEW = {
    "structure_id": 7,
    "name": "ATELIER",
    "place": {"municipality": "LYON", "insee_code": "69123"},
}


def test_both_versions_are_one_event_for_a_consumer_of_the_second() -> None:
    old, new = read(V1.name, OLD), read(V2_NAME, NEW)
    assert isinstance(old, Event)
    assert isinstance(new, Event)
    assert old.type == new.type == V2
    assert old.data == new.data == StructureDeclaredV2.model_validate(NEW)


def test_what_the_second_version_cannot_say_is_a_contract_violation() -> None:
    failure = read(V1.name, {"structure_id": 7})
    assert isinstance(failure, Failure)
    assert failure.kind == FailureKind.CONTRACT_VIOLATION
    assert failure.paths == ("name",)


def test_a_tombstone_of_the_first_version_needs_no_upcaster() -> None:
    gone = read(withdrawn(DocumentType.STRUCTURE).name, None)
    assert isinstance(gone, Event)
    assert gone.data is None


def test_a_consumer_that_was_not_deployed_first_keeps_the_event_as_a_dead_letter() -> None:
    failure = read(V2_NAME, NEW, REGISTRY)
    assert isinstance(failure, Failure)
    assert failure.kind == FailureKind.UNKNOWN_VERSION


def test_versions_are_passed_one_after_the_other() -> None:
    third = replace(V2, name="fr.cadran.structure.declared.v3")
    second = replace(V2, upcaster=Upcaster(third.name, lambda data: data))
    registry = {**NEXT, V2_NAME: second, third.name: third}
    current, data = upcast(registry[V1.name], StructureDeclared(**OLD), registry)
    assert current is third
    assert json.loads(data.model_dump_json()) == NEW
