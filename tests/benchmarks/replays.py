"""The territory's log read by `etp` from its beginning: through FastStream's shell, by a raw loop
that does the same work, and as a rebuild does."""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from itertools import count

from aiokafka import AIOKafkaConsumer
from aiokafka.structs import TopicPartition
from prometheus_client import CollectorRegistry

from cli.provision import migrate_schemas
from services.etp.app import projected
from services.etp.database import build_database
from services.etp.projection import EtpProjection
from services.etp.settings import SERVICE, EtpSettings
from shared.database.positions import Partition, open_position
from shared.database.types import Connection
from shared.kafka.cluster import bounds, cluster_id, open_log
from shared.kafka.composition import subscribe
from shared.kafka.consumer import Applied, Checkpoint, SliceConsumer, no_checkpoint
from shared.kafka.projection import Projection
from shared.kafka.rebuild import Rebuild
from shared.kafka.security import client_options
from shared.kafka.slices import by_partition, cut
from shared.telemetry.metrics import Metrics, build_metrics
from tests.benchmarks.bench import Territory

TABLES = (*EtpProjection().compared, "consumer_position")
_rounds = count(1)


class RoundSettings(EtpSettings):
    """A group of its own each round: Kafka remembers nothing of it."""

    round: int = 0

    @property
    def group(self) -> str:
        """As `etp`'s, and the round."""
        return f"{super().group}.{self.round}"


class Clock:
    """A checkpoint that notes when the first slice began and the last one was committed."""

    def __init__(self) -> None:
        self._began: float | None = None
        self._ended = 0.0

    def __call__(self, name: str) -> None:
        if name == "decide:before":
            self.begin()
        if name == "commit:after":
            self._ended = time.perf_counter()

    def begin(self) -> None:
        """From now on, unless it began before."""
        if self._began is None:
            self._began = time.perf_counter()

    @property
    def seconds(self) -> float:
        """Between the two."""
        assert self._began is not None
        return self._ended - self._began


async def begin(territory: Territory) -> RoundSettings:
    """A group that never read, at the beginning of the log; no row of the projection is left."""
    settings = territory.home.home.settings(RoundSettings)
    settings = settings.model_copy(update={"round": next(_rounds)})
    limits = await bounds(settings, territory.topics)
    cluster = await cluster_id(settings)
    async with build_database(settings, "bench").connection() as connection:
        await connection.execute(f"TRUNCATE {', '.join(TABLES)}")
        for (topic, partition), (first, _) in limits.items():
            key = Partition(settings.group, topic, partition)
            await open_position(connection, key, cluster, first)
    return settings


async def by_shell(territory: Territory) -> float:
    """Seconds of the worker's own consuming half, until it passed the end of the log."""
    clock = Clock()
    async with consuming(territory, build_metrics(CollectorRegistry()), clock):
        return clock.seconds


@asynccontextmanager
async def consuming(
    territory: Territory, metrics: Metrics, checkpoint: Checkpoint = no_checkpoint
) -> AsyncIterator[None]:
    """The worker's own consuming half, once it read the log from its beginning to its end."""
    settings = await begin(territory)
    ends = await _ends(territory)
    database = build_database(settings, "bench-worker")
    keeper, subscription = await subscribe(
        settings, projected(settings), database, metrics, checkpoint
    )
    await subscription.start()
    try:
        while any(
            (state := keeper.states.get(tp)) is None or state.next_offset != end
            for tp, end in ends.items()
        ):
            await asyncio.sleep(0.005)
        yield
    finally:
        await subscription.stop()
        await keeper.close()


async def by_loop(
    territory: Territory, projection: Projection | None = None, *, whole: bool = False
) -> float:
    """Seconds of a bare aiokafka loop with the same fetches, slices, rows and commits; `whole`:
    the decoding of the first slice too, which the shell's clock cannot see."""
    settings, clock = await begin(territory), Clock()
    waiting = dict(await _ends(territory))
    slices = SliceConsumer(
        group=settings.group,
        processor=settings.group,
        projection=projection or EtpProjection(),
        log=await open_log(settings),
        checkpoint=clock,
    )
    consumer = AIOKafkaConsumer(
        *territory.topics,
        **client_options(settings),
        group_id=settings.group,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        fetch_max_bytes=16 * 1024 * 1024,
        max_partition_fetch_bytes=2 * 1024 * 1024,
    )
    async with AsyncExitStack() as stack:
        database = build_database(settings, "bench-worker")
        connection: Connection = await stack.enter_async_context(database.connection())
        await consumer.start()
        stack.push_async_callback(consumer.stop)
        while waiting:
            batch = await consumer.getmany(timeout_ms=100, max_records=2_000)
            records = [record for run in batch.values() for record in run]
            if whole and records:
                clock.begin()
            commits: dict[TopicPartition, int] = {}
            for key, run in by_partition(records):
                for part in cut(run, holes=False):
                    result = await slices.apply(connection, part, hole_confirmed=True)
                    assert isinstance(result, Applied)
                    commits[TopicPartition(*key)] = result.next_offset
            if commits:
                await consumer.commit(commits)
            waiting = {tp: end for tp, end in waiting.items() if commits.get(tp) != end}
    return clock.seconds


async def by_rebuild(territory: Territory) -> float:
    """Seconds that a rebuild takes to fill its shadow; the live projection must be whole."""
    settings = territory.home.home.settings(RoundSettings)
    marks: dict[str, float] = {}

    def mark(name: str) -> None:
        marks[name] = time.perf_counter()

    async with build_database(settings, "bench").connection() as connection:
        group = await connection.fetchval("SELECT min(group_name) FROM consumer_position")
    rebuild = Rebuild(
        settings=settings,
        admin_dsn=territory.home.home.read()["postgres"]["dsn"],
        target=replace(projected(settings), group=group),
        log=await open_log(settings),
        migrate=lambda names: migrate_schemas(settings, SERVICE, names),
        progress=lambda _done, _total: None,
        checkpoint=mark,
    )
    assert all(row.different == 0 for row in await rebuild.run(check=True))
    return marks["compare:before"] - marks["feed:before"]


async def _ends(territory: Territory) -> Mapping[TopicPartition, int]:
    limits = await bounds(territory.settings, territory.topics)
    return {TopicPartition(*key): end for key, (first, end) in limits.items() if end > first}
