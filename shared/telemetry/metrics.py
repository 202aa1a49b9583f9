"""Every metric of Cadran, declared once: name, type, labels, meaning."""

from dataclasses import dataclass

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

_SLICE_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
_ROW_BUCKETS = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800)


@dataclass(frozen=True, slots=True)
class Metrics:
    """The metrics of one process; labels never hold an id of a structure nor of a person."""

    records: Counter
    """Records that a consumer finished with, by outcome (and `redelivered`, counted apart)."""
    lag: Gauge
    """Records of a partition that wait behind the position row."""
    slice_seconds: Histogram
    """Duration of one slice's transaction, in seconds."""
    outbox_rows: Gauge
    """Rows of the outbox not yet acknowledged by Kafka."""
    outbox_oldest_seconds: Gauge
    """Age of the outbox's oldest row, in seconds; 0 when it is empty."""
    dead_letters: Counter
    """Records that became dead letters, by kind of failure."""
    refusals: Counter
    """What a door refused, whole requests and single declarations, by door and code."""
    event_to_row_seconds: Histogram
    """Time from an event's acceptance (`ce_time`) to its rows' commit, in seconds."""


def build_metrics(registry: CollectorRegistry) -> Metrics:
    """Register every metric in `registry`; once a registry (`ValueError` the second time)."""
    return Metrics(
        records=Counter(
            "cadran_records_total",
            "Records finished with, by outcome",
            ("service", "topic", "partition", "outcome"),
            registry=registry,
        ),
        lag=Gauge(
            "cadran_lag_records",
            "Records waiting behind the position row",
            ("service", "topic", "partition"),
            registry=registry,
        ),
        slice_seconds=Histogram(
            "cadran_slice_seconds",
            "Duration of a slice's transaction",
            ("service",),
            buckets=_SLICE_BUCKETS,
            registry=registry,
        ),
        outbox_rows=Gauge(
            "cadran_outbox_rows",
            "Outbox rows not yet acknowledged by Kafka",
            ("service",),
            registry=registry,
        ),
        outbox_oldest_seconds=Gauge(
            "cadran_outbox_oldest_seconds",
            "Age of the oldest outbox row, 0 when empty",
            ("service",),
            registry=registry,
        ),
        dead_letters=Counter(
            "cadran_dead_letters_total",
            "Records that became dead letters, by kind of failure",
            ("service", "kind"),
            registry=registry,
        ),
        refusals=Counter(
            "cadran_refusals_total",
            "Refusals of a door, by code",
            ("service", "door", "code"),
            registry=registry,
        ),
        event_to_row_seconds=Histogram(
            "cadran_event_to_row_seconds",
            "Time from acceptance to committed rows",
            ("service",),
            buckets=_ROW_BUCKETS,
            registry=registry,
        ),
    )
