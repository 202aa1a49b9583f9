"""Metrics: exactly the declared names, types and labels."""

import dataclasses

import pytest
from prometheus_client import CollectorRegistry, generate_latest

from shared.telemetry.metrics import Metrics, build_metrics

DECLARED = {
    "cadran_records_total": ("counter", ("service", "topic", "partition", "outcome")),
    "cadran_lag_records": ("gauge", ("service", "topic", "partition")),
    "cadran_slice_seconds": ("histogram", ("service",)),
    "cadran_outbox_rows": ("gauge", ("service",)),
    "cadran_outbox_oldest_seconds": ("gauge", ("service",)),
    "cadran_dead_letters_total": ("counter", ("service", "kind")),
    "cadran_refusals_total": ("counter", ("service", "door", "code")),
    "cadran_event_to_row_seconds": ("histogram", ("service",)),
}


def test_names_types_and_labels_are_those_of_the_interfaces() -> None:
    registry = CollectorRegistry()
    metrics = build_metrics(registry)
    found = {}
    for family in registry.collect():
        name = f"{family.name}_total" if family.type == "counter" else family.name
        assert family.documentation
        found[name] = family.type
    assert found == {name: kind for name, (kind, _) in DECLARED.items()}
    for field, (_, labels) in zip(dataclasses.fields(Metrics), DECLARED.values(), strict=True):
        getattr(metrics, field.name).labels(**dict.fromkeys(labels, "x"))
    exposed = generate_latest(registry).decode()
    assert all(f"# TYPE {name} " in exposed for name in DECLARED)


def test_a_registry_takes_them_once() -> None:
    registry = CollectorRegistry()
    build_metrics(registry)
    with pytest.raises(ValueError, match="Duplicated"):
        build_metrics(registry)
