"""From an event's acceptance to its committed row, at a fifth of what the worker can do."""

import asyncio
import statistics
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from aiokafka import AIOKafkaProducer
from prometheus_client import CollectorRegistry

from shared.contracts.ids import microseconds
from shared.kafka.records import Record
from shared.kafka.security import client_options
from shared.telemetry.metrics import build_metrics
from tests.benchmarks.bench import Bench, Territory
from tests.benchmarks.measures import Measure, judge
from tests.benchmarks.replays import by_shell, consuming
from tests.benchmarks.writing import of_months

LOAD = 0.20
TICK_SECONDS = 0.01
BATCH_TIMEOUT = 0.100
"""`batch_timeout_ms` of the subscription."""


def latency(bench: Bench) -> Iterator[Measure]:
    """p99 in batch timeouts. The territory is left with the events that were sent."""
    territory = bench.territory
    seconds = 10.0 if bench.scale.rounds > 2 else 2.0
    p99 = [asyncio.run(_delays(territory, seconds)) for _ in range(bench.scale.rounds)]
    baseline = [BATCH_TIMEOUT] * len(p99)
    yield judge("event to row, p99 at 20 % load / batch timeout", "at most", 4, p99, baseline)


async def _delays(territory: Territory, seconds: float) -> float:
    """p99 of the delays, in seconds, of events sent evenly."""
    rate = LOAD * len(territory.records) / await by_shell(territory)
    events = of_months(territory.records)[: int(rate * seconds)]
    delays = Delays()
    metrics: Any = replace(
        build_metrics(CollectorRegistry()),
        event_to_row_seconds=delays,  # type: ignore[arg-type]
    )
    async with consuming(territory, metrics):
        delays.seen.clear()
        await _send_evenly(territory, events, rate)
        deadline = time.monotonic() + 60
        while len(delays.seen) < len(events):
            assert time.monotonic() < deadline, f"{len(delays.seen)} of {len(events)}"
            await asyncio.sleep(0.05)
    return statistics.quantiles(delays.seen, n=100)[98]


class Delays:
    """A histogram that keeps everything."""

    def __init__(self) -> None:
        self.seen: list[float] = []

    def labels(self, *_labels: str) -> "Delays":
        return self

    def observe(self, seconds: float) -> None:
        self.seen.append(seconds)


async def _send_evenly(territory: Territory, events: Sequence[Record], rate: float) -> None:
    """Each event is accepted when it is sent: a new revision."""
    producer = AIOKafkaProducer(
        **client_options(territory.settings), compression_type="zstd", linger_ms=5
    )
    await producer.start()
    try:
        began = time.perf_counter()
        done, waiting = 0, []
        while done < len(events):
            due = min(len(events), int((time.perf_counter() - began) * rate) + 1)
            waiting += [await _send(producer, event) for event in events[done:due]]
            done = due
            await asyncio.sleep(TICK_SECONDS)
        await asyncio.gather(*waiting)
    finally:
        await producer.stop()


async def _send(producer: AIOKafkaProducer, event: Record) -> Any:
    now = datetime.now(UTC)
    headers = {
        **dict(event.headers),
        "ce_time": now.isoformat().encode(),
        "ce_revision": str(microseconds(now)).encode(),
    }
    return await producer.send(
        event.topic, event.value, key=event.key, headers=list(headers.items())
    )
