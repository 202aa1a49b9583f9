"""Segments compacted for real: holes of `structures-v1` are told from gaps, and all is counted."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from aiokafka import AIOKafkaProducer

from cli.projections import balanced
from shared.contracts.envelope import Context, event_headers
from shared.contracts.ids import microseconds
from shared.contracts.registry import DECLARATIONS, STRUCTURES, DocumentType, declared, withdrawn
from shared.kafka.cluster import hole_to_end
from shared.kafka.topics import TOPICS
from shared.settings import ServiceSettings
from tests.compaction import EAGER, SEGMENT_MS, clean_often, configure, wait_until_compacted
from tests.faults.flows import wait_until
from tests.faults.probes import wait_unready
from tests.feeds import Feed
from tests.homes import TestHome, positions
from tests.poison import sound

PARTITION = 0
START = datetime(2026, 11, 1, tzinfo=UTC)
COUNTERS = ("applied", "stale", "rejected", "compacted", "next_offset")


class Log:
    """Structures put in one partition, a segment each, by revisions that grow."""

    def __init__(self, settings: ServiceSettings) -> None:
        self.settings = settings
        self._number = 0

    async def put(self, structures: Sequence[str], *, transaction: str | None = None) -> None:
        """One record a structure: its next revision, or its withdrawal when a `-` ends its id.

        In a transaction, the broker ends them with a record that no consumer is given.
        """
        producer = AIOKafkaProducer(
            bootstrap_servers=self.settings.kafka_bootstrap, transactional_id=transaction
        )
        await producer.start()
        try:
            if transaction:
                async with producer.transaction():
                    await self._send(producer, structures)
            else:
                await self._send(producer, structures)
        finally:
            await producer.stop()

    async def _send(self, producer: AIOKafkaProducer, structures: Sequence[str]) -> None:
        for text in structures:
            self._number += 1
            subject, gone = text.rstrip("-"), text.endswith("-")
            at = START + timedelta(milliseconds=2 * SEGMENT_MS * self._number)
            event = (withdrawn if gone else declared)(DocumentType.STRUCTURE)
            context = Context("asp", 1, at, "0" * 32)
            headers = event_headers(event, subject, microseconds(at), context)
            body = f'{{"structure_id": {subject}, "name": "S{self._number}"}}'.encode()
            await producer.send_and_wait(
                self.settings.topic(STRUCTURES),
                None if gone else body,
                key=subject.encode(),
                partition=PARTITION,
                timestamp_ms=int(at.timestamp() * 1000),
                headers=[(name, value.encode()) for name, value in headers.items()],
            )


@pytest.fixture(scope="module")
def log(home: TestHome) -> Log:
    """A topic that is compacted as soon as it can be."""
    settings = home.home.settings(ServiceSettings)
    asyncio.run(clean_often(settings))
    asyncio.run(configure(settings, {STRUCTURES: EAGER}))
    return Log(settings)


def account(
    home: TestHome, topic: str = STRUCTURES, partition: int = PARTITION, service: str = "etp"
) -> dict[str, int]:
    """The counters of one partition, which are balanced."""
    physical = home.home.settings(ServiceSettings).topic(topic)
    for row in positions(home, service):
        if (row["topic"], row["partition"]) == (physical, partition):
            assert balanced(row)
            return {name: row[name] for name in COUNTERS}
    return dict.fromkeys(COUNTERS, 0)


def reach(home: TestHome, offset: int) -> dict[str, int]:
    wait_until(lambda: account(home)["next_offset"] >= offset, f"{offset} is not reached")
    return account(home)


def structures(home: TestHome) -> dict[int, str | None]:
    """The name of each structure of the projection; None of a withdrawn one."""

    async def read() -> dict[int, str | None]:
        connection = await asyncpg.connect(home.home.read()["postgres"]["dsn"])
        rows: list[Any] = await connection.fetch(
            "SELECT structure_id, name FROM etp_projection.structure WHERE structure_id < 100"
        )
        await connection.close()
        return {row[0]: row[1] for row in rows}

    return asyncio.run(read())


def test_a_log_that_was_compacted_before_it_was_read(home: TestHome, log: Log) -> None:
    """Of eight records four are left, a tombstone among them; the first hole is the log's start."""
    asyncio.run(log.put(["1", "2", "1", "3", "3-", "1", "2", "4"]))
    asyncio.run(wait_until_compacted(log.settings, STRUCTURES, PARTITION, [4, 5, 6, 7]))
    home.start("etp-worker", "worker", "etp")
    assert reach(home, 8) == {
        "applied": 4,
        "stale": 0,
        "rejected": 0,
        "compacted": 4,
        "next_offset": 8,
    }
    assert structures(home) == {1: "S6", 2: "S7", 3: None, 4: "S8"}


def test_holes_before_and_within_a_run_behind_a_position(home: TestHome, log: Log) -> None:
    home.stop("etp-worker")
    asyncio.run(log.put(["1", "2", "1", "1", "5"]))
    asyncio.run(wait_until_compacted(log.settings, STRUCTURES, PARTITION, [4, 7, 9, 11, 12]))
    home.start("etp-worker", "worker", "etp")
    after = reach(home, 13)
    assert (after["applied"], after["compacted"], after["next_offset"]) == (7, 6, 13)
    assert structures(home) == {1: "S12", 2: "S10", 3: None, 4: "S8", 5: "S13"}


def test_a_hole_at_the_end_is_passed_and_nothing_waits_for_it(
    home: TestHome, log: Log, tmp_path: Path
) -> None:
    asyncio.run(log.put(["6"], transaction="a-foreign-program"))
    after = reach(home, 15)
    assert (after["applied"], after["compacted"], after["next_offset"]) == (8, 7, 15)
    asyncio.run(log.put(["6"]))
    after = reach(home, 16)
    assert (after["applied"], after["compacted"]) == (9, 7)

    asyncio.run(log.put(["7"], transaction="a-foreign-program"))
    feed = Feed()
    feed.structure(101)
    home.start("ingest-worker", "worker", "ingest")
    home.start("modulation-worker", "worker", "modulation")
    home.cadran("load", feed.write(tmp_path / "feed"), "--wait")
    assert account(home)["next_offset"] == 18
    late = account(home, service="modulation")
    assert (late["applied"] + late["compacted"], late["next_offset"]) == (18, 18)
    home.cadran("rebuild", "etp", "--check")
    home.cadran("accounts")


def test_a_record_ahead_or_a_silent_broker_is_no_hole(log: Log) -> None:
    async def probe(offset: int, partition: int = PARTITION) -> int | None:
        return await hole_to_end(log.settings, log.settings.topic(STRUCTURES), partition, offset)

    assert asyncio.run(probe(16)) is None, "the record of structure 7"
    assert asyncio.run(probe(17)) == 18, "what ends its transaction"
    assert asyncio.run(probe(18)) == 18
    assert asyncio.run(probe(0)) is None
    assert asyncio.run(probe(19)) is None, "beyond the end"


def test_the_same_hole_where_nothing_is_compacted_is_a_loss(home: TestHome, log: Log) -> None:
    """Records of `declarations-v1` taken away behind our back: stop, whatever the number of
    starts; the other partitions go on."""

    async def lose() -> None:
        await configure(log.settings, {DECLARATIONS: EAGER})
        months = [sound(number) for number in range(5)]
        producer = AIOKafkaProducer(bootstrap_servers=log.settings.kafka_bootstrap)
        await producer.start()
        for number, month in enumerate(months):
            await producer.send_and_wait(
                log.settings.topic(DECLARATIONS),
                month.value,
                key=b"same",
                partition=2,
                timestamp_ms=int(START.timestamp() * 1000) + 2 * SEGMENT_MS * number,
                headers=month.headers,
            )
        await producer.stop()
        await wait_until_compacted(log.settings, DECLARATIONS, 2, [3, 4])
        await configure(log.settings, {DECLARATIONS: TOPICS[DECLARATIONS].config})

    home.stop_all()
    asyncio.run(lose())
    topic = log.settings.topic(DECLARATIONS)
    for _ in range(2):
        home.launch("etp-worker", "-m", "cli.main", "serve", "worker", "etp")
        wait_unready(home, "etp-worker", f"{topic}-2 : le journal saute de 0 à 3")
        assert account(home, DECLARATIONS, 2) == dict.fromkeys(COUNTERS, 0)
        before = account(home)
        asyncio.run(log.put(["8"]))
        assert reach(home, before["next_offset"] + 1)["applied"] == before["applied"] + 1
        home.stop("etp-worker")
