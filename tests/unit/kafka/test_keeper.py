"""What a keeper remembers of its partitions from one assignment to the next."""

from collections.abc import Sequence
from typing import Any

from aiokafka.structs import TopicPartition
from prometheus_client import CollectorRegistry

from shared.kafka.consumer import Applied
from shared.kafka.keeper import Keeper
from shared.kafka.partitions import Budget
from shared.kafka.records import Outcome
from shared.telemetry.metrics import build_metrics
from tests.unit.kafka.building import at

BAD, GOOD = TopicPartition("declarations-v1", 0), TopicPartition("declarations-v1", 1)


class Consumer:
    """Both partitions, and those that were paused."""

    def __init__(self) -> None:
        self.paused: list[TopicPartition] = []

    def assignment(self) -> set[TopicPartition]:
        return {BAD, GOOD}

    def pause(self, tp: TopicPartition) -> None:
        self.paused.append(tp)

    def seek(self, tp: TopicPartition, offset: int) -> None:
        """Rows are read again from there."""

    async def commit(self, offsets: Any) -> None:
        """For lag only."""


class Slices:
    """Refuses every record of the bad partition."""

    group = "etp.projection"

    class log:  # noqa: N801 - an attribute of the consumer
        @staticmethod
        def is_compacted(_topic: str) -> bool:
            return False

    def checkpoint(self, _name: str) -> None:
        """Nothing to end here."""

    async def apply(self, _connection: Any, records: Sequence[Any], **_options: Any) -> Applied:
        refused = records[0].partition == BAD.partition
        outcome = Outcome.REJECTED if refused else Outcome.APPLIED
        return Applied(records[-1].offset + 1, {outcome.value: len(records)}, [outcome] * 2)


class Database:
    """Without a row."""

    async def connect(self) -> "Database":
        return self

    async def fetchrow(self, *_args: Any) -> None:
        return None

    def terminate(self) -> None:
        """Nothing was opened."""


def build() -> Keeper:
    slices: Any = Slices()
    database: Any = Database()
    metrics = build_metrics(CollectorRegistry())
    return Keeper(slices, database, "etp", metrics, Budget(in_a_row=2))


async def test_a_spent_budget_outlives_a_rebalance_and_not_the_process() -> None:
    consumer: Any = Consumer()
    keeper = build()
    await keeper.assign(consumer, [BAD, GOOD])
    await keeper.take(
        [(tp, [at(0, partition=tp[1]), at(1, partition=tp[1])]) for tp in (BAD, GOOD)]
    )
    reason = "2 enregistrements illisibles de suite"
    assert {tp: state.stopped for tp, state in keeper.states.items()} == {BAD: reason, GOOD: None}

    await keeper.release([BAD, GOOD], deadline=1)
    consumer.paused.clear()
    await keeper.assign(consumer, [BAD, GOOD])
    assert {tp: state.stopped for tp, state in keeper.states.items()} == {BAD: reason, GOOD: None}
    assert consumer.paused == [BAD]

    started_again = build()
    await started_again.assign(consumer, [BAD, GOOD])
    assert not any(state.stopped for state in started_again.states.values())
