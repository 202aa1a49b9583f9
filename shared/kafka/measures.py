"""What a slice tells the metrics."""

from datetime import UTC, datetime

from aiokafka.structs import TopicPartition

from shared.kafka.consumer import Applied
from shared.telemetry.metrics import Metrics


def measure(
    metrics: Metrics, service: str, tp: TopicPartition, result: Applied, seconds: float
) -> None:
    """Count the outcomes of a committed slice, its dead letters, its time and its events' delay."""
    for outcome, count in result.counts.items():
        if count:
            metrics.records.labels(service, tp.topic, str(tp.partition), outcome).inc(count)
    for failure in result.letters:
        metrics.dead_letters.labels(service, failure.kind.value).inc()
    metrics.slice_seconds.labels(service).observe(seconds)
    now = datetime.now(UTC)
    delay = metrics.event_to_row_seconds.labels(service)
    for accepted_at in result.accepted_at:
        delay.observe((now - accepted_at).total_seconds())
