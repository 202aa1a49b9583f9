"""The consumer: what validation leaves, what the shell costs, how fast a projection is rebuilt."""

import asyncio
import time
from collections.abc import Iterator, Sequence
from typing import Any

from services.etp.projection import EtpProjection
from services.etp.settings import TOPICS, EtpSettings
from shared.contracts.registry import DECLARATIONS, REGISTRY
from shared.database.types import Connection
from shared.kafka.producer import build_producer
from shared.kafka.projection import Row, RowKey
from shared.kafka.records import Record
from tests.benchmarks.bench import Bench, Territory
from tests.benchmarks.measures import Measure, alternate, judge, timed
from tests.benchmarks.replays import by_loop, by_rebuild, by_shell
from tests.benchmarks.writing import of_months


class NothingWritten(EtpProjection):
    """Rows are made, none is written: the positions alone are."""

    async def load(self, _connection: Connection, _rows: Sequence[Row]) -> dict[RowKey, int]:
        return {}

    async def stage(self, _connection: Connection, _rows: Sequence[Row]) -> None:
        return None

    async def write(self, _connection: Connection, _rows: Sequence[Row]) -> None:
        return None


def consume(bench: Bench) -> Iterator[Measure]:
    """Fetch, decode, validate, make rows, commit per slice / pydantic alone on the same bodies:
    of months, for which the bar was set, then of all that the topics hold (ADR 0014)."""
    name = "consume {}, validate, commit per slice / pydantic validate_json alone"
    samples = asyncio.run(_consumed(bench, "consume months", _months(bench)))
    yield judge(name.format("months"), "at least", 0.30, *samples)
    samples = asyncio.run(_consumed(bench, "consume", bench.territory))
    yield judge(name.format("every record"), "at least", None, *samples)


async def _consumed(
    bench: Bench, name: str, territory: Territory
) -> tuple[list[float], list[float]]:
    used = EtpProjection().document_types
    bodies = [body for record in territory.records if (body := _body(record, used)) is not None]

    async def ours() -> float:
        return await by_loop(territory, NothingWritten(), whole=True)

    return await alternate(name, bench.scale.rounds, ours, timed(lambda: _validate(bodies)))


def _months(bench: Bench) -> Territory:
    """A home whose topics hold the declared months of the territory, and nothing else."""
    home, records = bench.home("months"), of_months(bench.territory.records)
    settings = home.home.settings(EtpSettings)
    asyncio.run(_publish(settings, records))
    return Territory(home, [settings.topic(name) for name in TOPICS], records)


async def _publish(settings: EtpSettings, records: Sequence[Record]) -> None:
    """By the relay's producer, each record in the partition where it was."""
    topic, producer = settings.topic(DECLARATIONS), build_producer(settings)
    await producer.start()
    try:
        sent = [
            await producer.send(
                topic, record.value, record.key, record.partition, headers=list(record.headers)
            )
            for record in records
        ]
        await asyncio.gather(*sent)
    finally:
        await producer.stop()


def shell(bench: Bench) -> Iterator[Measure]:
    """FastStream's shell / a raw aiokafka loop that does the same work."""
    territory = bench.territory
    samples = alternate(
        "shell", bench.scale.rounds, lambda: by_shell(territory), lambda: by_loop(territory)
    )
    yield judge("FastStream shell / raw aiokafka loop", "at least", 0.90, *asyncio.run(samples))


def rebuild(bench: Bench) -> Iterator[Measure]:
    """A rebuild's reading of the topics / the live worker's."""
    territory = bench.territory

    async def rounds() -> tuple[list[float], list[float]]:
        live, rebuilt = [], []
        for _ in range(bench.scale.rounds):
            live.append(await by_shell(territory))
            rebuilt.append(await by_rebuild(territory))
        return rebuilt, live

    yield judge("rebuild from the topics / live rate", "at least", 0.90, *asyncio.run(rounds()))


def _body(record: Record, used: Any) -> tuple[Any, bytes] | None:
    """The model and the body of a record that `etp` uses."""
    event = REGISTRY[dict(record.headers)["ce_type"].decode()]  # type: ignore[union-attr]
    if event.document_type not in used or record.value is None:
        return None
    return event.model, record.value


def _validate(bodies: Sequence[tuple[Any, bytes]]) -> float:
    started = time.perf_counter()
    for model, body in bodies:
        model.model_validate_json(body)
    return time.perf_counter() - started
