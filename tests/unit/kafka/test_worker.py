"""Liveness and readiness of a consuming worker, against a clock of the test's own."""

from typing import Any

import pytest
from aiokafka.structs import TopicPartition
from prometheus_client import CollectorRegistry

from shared.kafka import worker
from shared.kafka.partitions import Budget, PartitionState
from shared.kafka.worker import STUCK_SECONDS, UNASSIGNED_SECONDS, Consuming
from shared.telemetry.metrics import build_metrics

TP = TopicPartition("declarations-v1", 0)


class Clock:
    """Monotonic seconds."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


class Keeper:
    """One partition, whose lag and accidents a test decides."""

    def __init__(self, clock: Clock) -> None:
        self.states = {TP: PartitionState(Budget())}
        self.progressed_at = clock.now
        self.unassigned_since: float | None = None
        self.waiting = 0
        self.database: Exception | None = None
        self.broker: Exception | None = None

    def lag(self) -> dict[TopicPartition, int]:
        return {TP: self.waiting}

    async def resume_due(self) -> None:
        await self.ping()

    async def positions(self) -> dict[TopicPartition, int]:
        return {}

    async def pass_tails(self) -> None:
        """No tail here."""

    async def check_log(self, _positions: Any) -> None:
        if self.broker is not None:
            raise self.broker

    async def ping(self) -> None:
        if self.database is not None:
            raise self.database


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(worker, "_now", clock)
    return clock


@pytest.fixture
def keeper(clock: Clock) -> Keeper:
    return Keeper(clock)


@pytest.fixture
def consuming(keeper: Any) -> Consuming:
    async def build() -> Any:
        raise AssertionError

    made = Consuming("etp", build_metrics(CollectorRegistry()), build)
    made._keeper, made.fault = keeper, None
    return made


async def turn(consuming: Consuming, clock: Clock, keeper: Any, seconds: float) -> None:
    """One turn of the loop after some seconds; the log is looked at."""
    clock.now += seconds
    await consuming._tend(keeper, 0)


async def test_a_worker_that_waits_for_nothing_lives(
    consuming: Consuming, clock: Clock, keeper: Keeper
) -> None:
    await turn(consuming, clock, keeper, 10 * STUCK_SECONDS)
    assert consuming.stuck() is None
    assert consuming.not_ready() is None


def test_a_loop_that_no_longer_turns(consuming: Consuming, clock: Clock) -> None:
    clock.now += STUCK_SECONDS + 1
    assert consuming.stuck() == "la boucle de travail ne tourne plus"


async def test_records_that_wait_without_progress(
    consuming: Consuming, clock: Clock, keeper: Keeper
) -> None:
    keeper.waiting = 3
    await turn(consuming, clock, keeper, STUCK_SECONDS - 1)
    assert consuming.stuck() is None
    await turn(consuming, clock, keeper, 2)
    assert consuming.stuck() == "des enregistrements attendent sans avancer"


@pytest.mark.parametrize("why", ["parked", "broker away"])
async def test_what_a_new_start_would_not_help_is_not_a_fault_of_liveness(
    consuming: Consuming, clock: Clock, keeper: Keeper, why: str
) -> None:
    keeper.waiting = 3
    if why == "parked":
        keeper.states[TP].park(clock.now)
    else:
        keeper.broker = OSError()
    await turn(consuming, clock, keeper, STUCK_SECONDS + 1)
    assert consuming.stuck() is None


async def test_a_member_without_partition_for_too_long(
    consuming: Consuming, clock: Clock, keeper: Keeper
) -> None:
    keeper.states, keeper.unassigned_since = {}, clock.now
    keeper.lag = dict  # type: ignore[method-assign]
    await turn(consuming, clock, keeper, UNASSIGNED_SECONDS - 1)
    assert consuming.stuck() is None
    assert consuming.not_ready() == "aucune partition attribuée"
    await turn(consuming, clock, keeper, 2)
    assert consuming.stuck() == "sans partition depuis trop longtemps"


async def test_a_server_that_does_not_answer_is_said_until_it_does(
    consuming: Consuming, clock: Clock, keeper: Keeper
) -> None:
    keeper.database = ConnectionRefusedError()
    await turn(consuming, clock, keeper, 1)
    assert consuming.not_ready() == "PostgreSQL ne répond pas (ConnectionRefusedError)"
    keeper.database, keeper.broker = None, TimeoutError()
    await turn(consuming, clock, keeper, 1)
    assert consuming.not_ready() == "Kafka ne répond pas (TimeoutError)"
    keeper.broker = None
    await turn(consuming, clock, keeper, 1)
    assert consuming.not_ready() is None


def test_a_partition_that_a_person_must_look_at(consuming: Consuming, keeper: Keeper) -> None:
    keeper.states[TP].stopped = "100 enregistrements illisibles de suite"
    assert consuming.not_ready() == (
        "partitions arrêtées, declarations-v1-0 : 100 enregistrements illisibles de suite"
    )
