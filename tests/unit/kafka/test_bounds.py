"""Where the log begins and ends, as last heard: what lag and the check of the log rest on."""

from typing import Any

from aiokafka.structs import TopicPartition

from shared.kafka.bounds import LogBounds
from shared.kafka.partitions import Budget, PartitionState

TP = TopicPartition("declarations-v1", 0)


class Consumer:
    """A broker whose log goes from 10 to 50, and a fetch that heard of less."""

    def __init__(self, highwater: int | None) -> None:
        self._highwater = highwater

    def highwater(self, _tp: TopicPartition) -> int | None:
        return self._highwater

    async def beginning_offsets(self, owned: list[TopicPartition]) -> dict[TopicPartition, int]:
        return dict.fromkeys(owned, 10)

    async def end_offsets(self, owned: list[TopicPartition]) -> dict[TopicPartition, int]:
        return dict.fromkeys(owned, 50)


async def bounds_of(consumer: Any) -> LogBounds:
    bounds = LogBounds()
    await bounds.look(consumer, [TP])
    return bounds


def states(next_offset: int | None) -> dict[TopicPartition, PartitionState]:
    return {TP: PartitionState(Budget(), next_offset=next_offset)}


async def test_the_lag_is_that_of_the_log_though_the_fetch_heard_nothing() -> None:
    consumer: Any = Consumer(None)
    bounds = await bounds_of(consumer)
    assert bounds.lag(consumer, states(30)) == {TP: 20}
    assert bounds.lag(consumer, states(None)) == {TP: 40}


async def test_a_fetch_that_heard_of_more_counts() -> None:
    consumer: Any = Consumer(60)
    assert (await bounds_of(consumer)).lag(consumer, states(30)) == {TP: 30}


async def test_a_log_that_does_not_hold_the_position_is_a_fault() -> None:
    bounds = await bounds_of(Consumer(None))
    assert bounds.fault(TP, 51, compacted=False) == "le journal finit à 50, avant 51"
    assert bounds.fault(TP, 9, compacted=False) == "le journal commence à 10, après 9"
    assert bounds.fault(TP, 9, compacted=True) is None
    assert bounds.fault(TP, 10, compacted=False) is None
    assert bounds.fault(TP, 50, compacted=False) is None


def test_what_was_not_asked_is_no_fault() -> None:
    assert LogBounds().fault(TP, 7, compacted=False) is None
