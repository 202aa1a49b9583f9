"""The relay: events of about 3 kB from an outbox to Kafka, zstd / aiokafka sending the same."""

import asyncio
import time
from collections.abc import Iterator, Sequence
from itertools import count, cycle, islice

from prometheus_client import CollectorRegistry

from services.ingest.database import build_database
from services.ingest.settings import SERVICE, IngestSettings
from shared.contracts.registry import DECLARATIONS
from shared.database.outbox import OutboxRow, write_outbox
from shared.kafka.producer import build_producer
from shared.kafka.records import Record
from shared.kafka.relay import CHUNK, Relay
from shared.telemetry.metrics import build_metrics
from tests.benchmarks.bench import Bench
from tests.benchmarks.measures import Measure, alternate, judge
from tests.benchmarks.writing import of_months

EVENTS = 20_000


def relay(bench: Bench) -> Iterator[Measure]:
    """From a full outbox to an empty one, producer's start included on both sides."""
    settings = bench.scratch.home.settings(IngestSettings)
    months = of_months(bench.territory.records)
    events = EVENTS if bench.scale.rounds > 2 else 500
    rows = [_row(settings, record) for record in islice(cycle(months), events)]
    samples = alternate(
        "relay", bench.scale.rounds, lambda: _relayed(settings, rows), lambda: sent(settings, rows)
    )
    size = sum(len(row.value or b"") for row in rows) / len(rows) / 1_000
    name = f"relay of {size:.1f} kB events / raw aiokafka produce"
    yield judge(name, "at least", 0.60, *asyncio.run(samples))


async def sent(settings: IngestSettings, rows: Sequence[OutboxRow]) -> float:
    """Seconds of a producer like the relay's, chunk by chunk, acknowledged."""
    started = time.perf_counter()
    producer = build_producer(settings)
    await producer.start()
    try:
        for begin in range(0, len(rows), CHUNK):
            waiting = [
                await producer.send(
                    row.topic,
                    value=row.value,
                    key=row.key.encode(),
                    headers=[(name, text.encode()) for name, text in row.headers.items()],
                )
                for row in rows[begin : begin + CHUNK]
            ]
            await asyncio.gather(*waiting)
        return time.perf_counter() - started
    finally:
        await producer.stop()


async def _relayed(settings: IngestSettings, rows: Sequence[OutboxRow]) -> float:
    database = build_database(settings, "bench")
    chunks, marked = count(1), asyncio.Event()

    def note(name: str) -> None:
        if name == "relay-mark:after" and next(chunks) * CHUNK >= len(rows):
            marked.set()

    metrics = build_metrics(CollectorRegistry())
    sender = Relay(settings, database, SERVICE, metrics, checkpoint=note)
    async with database.connection() as connection:
        async with connection.transaction():
            await write_outbox(connection, rows)
        started = time.perf_counter()
        running = asyncio.create_task(sender.run())
        try:
            await marked.wait()
            seconds = time.perf_counter() - started
            assert not await connection.fetchval("SELECT EXISTS (SELECT FROM outbox)")
            return seconds
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
            await sender.stop()


def _row(settings: IngestSettings, record: Record) -> OutboxRow:
    headers = {name: (value or b"").decode() for name, value in record.headers}
    key = (record.key or b"").decode()
    return OutboxRow(settings.topic(DECLARATIONS), key, headers, record.value)
