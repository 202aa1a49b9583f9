"""Who is asked whether records are left, and whose row is moved to the log's end."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiokafka.structs import TopicPartition

from shared.database.positions import Partition
from shared.kafka.partitions import Budget, PartitionState
from shared.kafka.tails import Tails

TP = TopicPartition("structures-v1", 0)
END = 9


class Slices:
    """Stands for the consumer and its log; `hole` is what the broker answers."""

    group = "etp.projection"

    def __init__(self, hole: int | None) -> None:
        self.hole = hole
        self.log = self
        self.asked: list[int] = []
        self.passed: list[tuple[Partition, int, int]] = []

    def is_compacted(self, topic: str) -> bool:
        return topic.startswith("structures")

    async def begins_at(self, _topic: str, _partition: int) -> int:
        return 2

    async def hole_to_end(self, _topic: str, _partition: int, offset: int) -> int | None:
        self.asked.append(offset)
        return self.hole

    async def pass_hole(self, _connection: Any, key: Partition, start: int, end: int) -> bool:
        self.passed.append((key, start, end))
        return True


class Database:
    @asynccontextmanager
    async def connection(self) -> AsyncIterator[None]:
        yield


def build(hole: int | None = END) -> tuple[Tails, Slices]:
    slices: Any = Slices(hole)
    database: Any = Database()
    return Tails(slices, database), slices


def waiting(place: int | None, tp: TopicPartition = TP, **more: Any) -> tuple[Any, Any]:
    """A partition whose row is at `place`, one record behind the log's end."""
    state = PartitionState(Budget(), next_offset=place, **more)
    return {tp: 1}, {tp: state}


@pytest.mark.parametrize(("place", "start"), [(7, 7), (0, 0), (None, 2)])
async def test_what_waits_twice_at_one_place_is_passed(place: int | None, start: int) -> None:
    tails, slices = build()
    assert await tails.pass_over(*waiting(place)) == []
    assert slices.asked == []
    assert await tails.pass_over(*waiting(place)) == [TP]
    assert slices.passed == [(Partition("etp.projection", "structures-v1", 0), start, END)]


async def test_what_moves_is_not_asked_about() -> None:
    tails, slices = build()
    for place in (None, 0, 5, 6, 7):
        assert await tails.pass_over(*waiting(place)) == []
    assert slices.asked == []


async def test_what_has_a_record_ahead_is_left_alone() -> None:
    tails, slices = build(hole=None)
    for _ in range(3):
        assert await tails.pass_over(*waiting(7)) == []
    assert (slices.asked, slices.passed) == ([7, 7], [])


@pytest.mark.parametrize("more", [{"stopped": "à vérifier"}, {"retry_at": 1.0}])
async def test_a_parked_partition_waits_for_what_parked_it(more: dict[str, Any]) -> None:
    tails, slices = build()
    for _ in range(3):
        assert await tails.pass_over(*waiting(7, **more)) == []
    assert slices.asked == []


async def test_a_hole_where_nothing_is_compacted_is_never_passed() -> None:
    tails, slices = build()
    for _ in range(3):
        assert await tails.pass_over(*waiting(7, TopicPartition("declarations-v1", 0))) == []
    assert slices.asked == []


async def test_without_lag_nobody_is_asked() -> None:
    tails, slices = build()
    _, states = waiting(7)
    for _ in range(3):
        assert await tails.pass_over({TP: 0}, states) == []
    assert slices.asked == []
