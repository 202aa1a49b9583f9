"""The log read again, from its beginning to given offsets, by the consumer that reads it live."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager

from aiokafka import AIOKafkaConsumer
from aiokafka.errors import KafkaTimeoutError
from aiokafka.structs import TopicPartition

from shared.database.positions import Partition
from shared.database.types import Connection
from shared.kafka.client_gaps import close_gaps
from shared.kafka.consumer import Gap, LogMismatchError, SliceConsumer
from shared.kafka.records import Record
from shared.kafka.security import client_options
from shared.kafka.slices import MAX_RECORDS, cut
from shared.settings import ServiceSettings

POLL_MS = 500
STALLED_SECONDS = 30.0


class Replay:
    """Some partitions, in no consumer group: the positions of `slices` say how far they are."""

    def __init__(
        self, consumer: AIOKafkaConsumer, connection: Connection, slices: SliceConsumer
    ) -> None:
        self._consumer = consumer
        self._connection = connection
        self._slices = slices
        self._next: dict[TopicPartition, int] = {}

    async def feed(
        self, targets: Mapping[TopicPartition, int], progress: Callable[[int], None]
    ) -> None:
        """Apply every record below `targets`; `progress` is told how many offsets were passed.

        `LogMismatchError` when a record is missing, `KafkaTimeoutError` when nothing comes.
        """
        waiting = {tp: end for tp, end in targets.items() if self._next.get(tp, end) < end}
        moved_at = _now()
        while waiting:
            batches = await self._consumer.getmany(
                *waiting, timeout_ms=POLL_MS, max_records=MAX_RECORDS
            )
            for tp in batches or list(waiting):
                before = self._next[tp]
                await self._apply(tp, waiting[tp], batches.get(tp, ()))
                if self._next[tp] > before:
                    moved_at = _now()
                    progress(self._next[tp] - before)
                if self._next[tp] == waiting[tp]:
                    del waiting[tp]
            if _now() - moved_at > STALLED_SECONDS:
                raise KafkaTimeoutError

    def distance(self, targets: Mapping[TopicPartition, int]) -> int:
        """Offsets that `feed` would pass."""
        return sum(max(0, targets.get(tp, 0) - offset) for tp, offset in self._next.items())

    def begin(self, begins: Mapping[TopicPartition, int]) -> None:
        """Stand at the beginning of each partition."""
        self._consumer.assign(list(begins))
        for tp, offset in begins.items():
            self._consumer.seek(tp, offset)
        self._next = dict(begins)

    async def _apply(self, tp: TopicPartition, end: int, records: Sequence[Record]) -> None:
        below = [record for record in records if record.offset < end]
        holes = self._slices.log.is_compacted(tp.topic)
        for part in cut(below, holes=holes):
            result = await self._slices.apply(self._connection, part, hole_confirmed=True)
            if isinstance(result, Gap):
                raise LogMismatchError(f"le journal saute de {result.next_offset} à {result.found}")
            self._next[tp] = result.next_offset
        if holes and self._next[tp] < end and await self._is_hole(tp, end, records):
            key = Partition(self._slices.group, tp.topic, tp.partition)
            await self._slices.pass_hole(self._connection, key, self._next[tp], end)
            self._next[tp] = end
        if await self._consumer.position(tp) > end:
            self._consumer.seek(tp, end)

    async def _is_hole(self, tp: TopicPartition, end: int, records: Sequence[Record]) -> bool:
        """Is no record left below `end`? One beyond it proves it, and so does the log's end."""
        if records:
            return records[-1].offset >= end
        found = await self._slices.log.hole_to_end(tp.topic, tp.partition, self._next[tp])
        return found is not None and found >= end


@asynccontextmanager
async def open_replay(
    settings: ServiceSettings,
    connection: Connection,
    slices: SliceConsumer,
    begins: Mapping[TopicPartition, int],
) -> AsyncIterator[Replay]:
    """A reading of the partitions of `begins`, from those offsets on."""
    close_gaps()
    consumer = AIOKafkaConsumer(
        **client_options(settings),
        enable_auto_commit=False,
        fetch_max_bytes=16 * 1024 * 1024,
        max_partition_fetch_bytes=2 * 1024 * 1024,
    )
    await consumer.start()
    try:
        replay = Replay(consumer, connection, slices)
        replay.begin(begins)
        yield replay
    finally:
        await consumer.stop()


def _now() -> float:
    return asyncio.get_running_loop().time()
