"""Where the log of each owned partition begins and ends, by asking the broker now and then."""

from collections.abc import Mapping

from aiokafka import AIOKafkaConsumer
from aiokafka.structs import TopicPartition

from shared.kafka.partitions import PartitionState


class LogBounds:
    """What was last heard. A fetch that stopped silently tells nothing; this does (trap 13)."""

    def __init__(self) -> None:
        self._known: dict[TopicPartition, tuple[int, int]] = {}

    async def look(self, consumer: AIOKafkaConsumer, owned: list[TopicPartition]) -> None:
        """Ask for `owned`; raises when the broker does not answer."""
        begins = await consumer.beginning_offsets(owned)
        ends = await consumer.end_offsets(owned)
        self._known = {tp: (begins[tp], ends[tp]) for tp in owned}

    def fault(self, tp: TopicPartition, next_offset: int, *, compacted: bool) -> str | None:
        """Why the log of `tp` is not the one that its row was taken on, in French."""
        begin, end = self._known.get(tp, (next_offset, next_offset))
        if end < next_offset:
            return f"le journal finit à {end}, avant {next_offset}"
        if begin > next_offset and not compacted:
            return f"le journal commence à {begin}, après {next_offset}"
        return None

    def lag(
        self, consumer: AIOKafkaConsumer, states: Mapping[TopicPartition, PartitionState]
    ) -> dict[TopicPartition, int]:
        """Records that wait behind each row, as far as the last fetch and the last look knew."""
        waiting = {}
        for tp, state in states.items():
            begin, end = self._known.get(tp, (0, 0))
            position = begin if state.next_offset is None else state.next_offset
            waiting[tp] = max(0, max(consumer.highwater(tp) or 0, end) - position)
        return waiting
