"""The end of a compacted partition where no record is left: no slice would ever pass it."""

from collections.abc import Mapping

import structlog
from aiokafka.structs import TopicPartition

from shared.database.pool import Database
from shared.database.positions import Partition
from shared.kafka.consumer import SliceConsumer
from shared.kafka.partitions import PartitionState

_log = structlog.get_logger("tails")


class Tails:
    """Looks at the partitions that wait at the same place (None: without a row) twice in a row:
    a record that can be read would have moved them."""

    def __init__(self, slices: SliceConsumer, database: Database) -> None:
        self._slices = slices
        self._database = database
        self._waited: Mapping[TopicPartition, int | None] = {}

    async def pass_over(
        self, lags: Mapping[TopicPartition, int], states: Mapping[TopicPartition, PartitionState]
    ) -> list[TopicPartition]:
        """The partitions whose row was moved to the end of the log; raises when broker or database
        do not answer."""
        waiting = {
            tp: states[tp].next_offset
            for tp, lag in lags.items()
            if lag and not states[tp].parked and self._slices.log.is_compacted(tp.topic)
        }
        still = [tp for tp, place in waiting.items() if self._waited.get(tp, -1) == place]
        self._waited = waiting
        return [tp for tp in still if await self._pass(tp, waiting[tp])]

    async def _pass(self, tp: TopicPartition, place: int | None) -> bool:
        log = self._slices.log
        start = await log.begins_at(tp.topic, tp.partition) if place is None else place
        end = await log.hole_to_end(tp.topic, tp.partition, start)
        if end is None:
            return False
        key = Partition(self._slices.group, tp.topic, tp.partition)
        async with self._database.connection() as connection:
            moved = await self._slices.pass_hole(connection, key, start, end)
        if moved:
            _log.info("tail_passed", topic=tp.topic, partition=tp.partition, start=start, end=end)
        return moved
