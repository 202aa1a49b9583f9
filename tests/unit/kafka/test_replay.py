"""The log read again up to given offsets: holes of compaction, missing records, silence. Stand-ins
take the places of Kafka and of the slice consumer; the real ones are rebuilt in integration."""

from collections.abc import Iterator, Sequence
from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka.errors import KafkaTimeoutError
from aiokafka.structs import TopicPartition

from shared.kafka import replay
from shared.kafka.consumer import Applied, Gap, LogMismatchError
from shared.kafka.replay import Replay
from tests.unit.kafka.building import LogRecord, at

TP = TopicPartition("structures-v1", 0)


class Log:
    """Records of one partition, as a consumer hands them over, in batches."""

    def __init__(self, *batches: Sequence[int], end: int | None = None) -> None:
        self._batches: Iterator[Sequence[int]] = iter(batches)
        self._end = end
        self.place = 0
        self.sought: list[int] = []

    def assign(self, partitions: Sequence[TopicPartition]) -> None:
        assert partitions == [TP]

    def seek(self, _tp: TopicPartition, offset: int) -> None:
        self.place = offset
        self.sought.append(offset)

    async def position(self, _tp: TopicPartition) -> int:
        return self.place

    async def getmany(self, *_tps: TopicPartition, **_options: int) -> dict[Any, list[LogRecord]]:
        offsets = next(self._batches, ())
        if not offsets:
            return {}
        self.place = offsets[-1] + 1
        return {TP: [at(offset, topic=TP.topic) for offset in offsets]}

    async def hole_to_end(self, _topic: str, _partition: int, _offset: int) -> int | None:
        return self._end


class Slices:
    """What was applied, and what was passed over."""

    group = "etp.projection.next"

    def __init__(self, log: Log, *, compacted: bool) -> None:
        self.log = SimpleNamespace(is_compacted=lambda _: compacted, hole_to_end=log.hole_to_end)
        self.applied: list[int] = []
        self.passed: list[tuple[int, int]] = []
        self._compacted = compacted

    async def apply(
        self, _connection: Any, records: Sequence[LogRecord], *, hole_confirmed: bool
    ) -> Applied | Gap:
        assert hole_confirmed
        expected = self.applied[-1] + 1 if self.applied else 0
        if records[0].offset > expected and not self._compacted:
            return Gap(expected, records[0].offset)
        self.applied += [record.offset for record in records]
        return Applied(records[-1].offset + 1, {})

    async def pass_hole(self, _connection: Any, _key: Any, start: int, end: int) -> bool:
        self.passed.append((start, end))
        return True


async def feed(log: Log, end: int, *, compacted: bool = True) -> tuple[Slices, int]:
    """Feed from offset 0 to `end`; the slices, and the offsets that progress was told."""
    slices = Slices(log, compacted=compacted)
    reading: Any = Replay(log, SimpleNamespace(), slices)  # type: ignore[arg-type]
    reading.begin({TP: 0})
    told: list[int] = []
    assert reading.distance({TP: end}) == end
    await reading.feed({TP: end}, told.append)
    assert reading.distance({TP: end}) == 0
    return slices, sum(told)


async def test_records_at_the_target_and_beyond_are_left_for_later() -> None:
    log = Log([0, 1], [2, 3, 4])
    slices, told = await feed(log, 3, compacted=False)
    assert (slices.applied, slices.passed, told) == ([0, 1, 2], [], 3)
    assert log.place == 3


async def test_a_hole_that_covers_the_target_is_passed_up_to_it() -> None:
    log = Log([0, 1, 5, 6])
    slices, told = await feed(log, 4)
    assert (slices.applied, slices.passed, told) == ([0, 1], [(2, 4)], 4)
    assert log.place == 4


async def test_a_hole_at_the_end_of_the_log_is_passed_once_it_is_proved() -> None:
    slices, _ = await feed(Log([0, 2], end=5), 5)
    assert (slices.applied, slices.passed) == ([0, 2], [(3, 5)])


async def test_a_missing_record_is_another_log() -> None:
    with pytest.raises(LogMismatchError, match="de 2 à 4"):
        await feed(Log([0, 1], [4]), 5, compacted=False)


async def test_a_log_that_falls_silent_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replay, "STALLED_SECONDS", 0.0)
    with pytest.raises(KafkaTimeoutError):
        await feed(Log([0, 1]), 5)


async def test_nothing_to_feed_asks_nothing() -> None:
    assert (await feed(Log(), 0))[1] == 0
