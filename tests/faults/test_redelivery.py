"""Any window of the log handed over, again and again: each record is accounted for once.

The records come from the real broker and go through the real consumer into the real database;
hypothesis chooses the windows. What comes again is counted as redelivered and changes nothing; what
comes too early is a gap and changes nothing.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.etp.database import build_database
from services.etp.projection import EtpProjection
from services.etp.settings import EtpSettings
from services.etp.tables import METADATA, PROJECTION
from shared.contracts.registry import DECLARATIONS, STRUCTURES
from shared.database.documents import document_tables
from shared.database.positions import COUNTERS
from shared.database.types import Connection
from shared.kafka.cluster import open_log
from shared.kafka.consumer import Gap, SliceConsumer
from shared.kafka.slices import by_partition
from tests.events import produce_poison, random_events
from tests.faults.flows import send
from tests.homes import TestHome
from tests.topics import read_topics

pytestmark = pytest.mark.faults
PARTITIONS, EVENTS, LONGEST = 4, 120, 30
WINDOWS = st.lists(
    st.tuples(
        st.integers(0, 2 * PARTITIONS - 1), st.integers(-LONGEST, 3), st.integers(1, LONGEST)
    ),
    max_size=30,
)
"""(partition, how far its first record lies from the position, length)."""
TABLES = tuple(document_tables(METADATA, PROJECTION))


class Log:
    """The records of both topics, by partition, and a consumer of its own on the database."""

    def __init__(self, home: TestHome) -> None:
        self.settings = home.home.settings(EtpSettings)
        send(home, random_events(1, EVENTS))
        asyncio.run(produce_poison(self.settings, DECLARATIONS, range(PARTITIONS)))
        records = read_topics(self.settings, (DECLARATIONS, STRUCTURES))
        self.runs = [run for _, run in by_partition(records)]
        log = replace(asyncio.run(open_log(self.settings)), begins_at=_beginning)
        self.slices = SliceConsumer("windows", "windows", EtpProjection(), log)

    async def replay(self, windows: Sequence[tuple[int, int, int]]) -> dict[str, Any]:
        """Hand over `windows` to an empty projection, then what is missing; what came of it."""
        database = build_database(self.settings, "redelivery")
        positions, redelivered = [0] * len(self.runs), 0
        async with database.connection() as connection:
            await _empty(connection)
            for number, distance, length in windows:
                place = number % len(self.runs)
                first = max(0, positions[place] + distance)
                window = self.runs[place][first : first + length]
                if not window:
                    continue
                result = await self.slices.apply(connection, window)
                if first > positions[place]:
                    assert result == Gap(positions[place], first)
                    continue
                end = first + len(window)
                redelivered += min(end, positions[place]) - first
                positions[place] = max(end, positions[place])
                assert result.next_offset == positions[place]
            for run, position in zip(self.runs, positions, strict=True):
                if run[position:]:
                    await self.slices.apply(connection, run[position:])
            assert await _count(connection, "redelivered") == redelivered
            return await _state(connection)


async def _beginning(_topic: str, _partition: int) -> int:
    return 0


async def _empty(connection: Connection) -> None:
    for table in (*TABLES, "consumer_position", "dead_letter", "outbox"):
        await connection.execute(f"DELETE FROM {table}")  # noqa: S608 - names of our own


async def _count(connection: Connection, counter: str) -> int:
    return int(
        await connection.fetchval(f"SELECT sum({counter}) FROM consumer_position")  # noqa: S608
    )


async def _state(connection: Connection) -> dict[str, Any]:
    """Every row of the projection, the dead letters, and how many records wait for the relay."""
    counters = [name for name in COUNTERS if name != "redelivered"]
    state: dict[str, Any] = {name: await _count(connection, name) for name in counters}
    for table in TABLES:
        rows = f"SELECT row_to_json(t)::text FROM {table} t ORDER BY 1"  # noqa: S608
        state[table] = [row[0] for row in await connection.fetch(rows)]
    letters = "SELECT topic, partition, record_offset, kind FROM dead_letter ORDER BY 1, 2, 3"
    state["dead_letter"] = [tuple(row) for row in await connection.fetch(letters)]
    state["outbox"] = await connection.fetchval("SELECT count(*) FROM outbox")
    return state


@pytest.fixture(scope="module")
def log(home: TestHome) -> Log:
    return Log(home)


@pytest.fixture(scope="module")
def once(log: Log) -> dict[str, Any]:
    """What comes of a log read once, in one piece."""
    state = asyncio.run(log.replay([]))
    assert state["applied"] == EVENTS
    assert state["rejected"] == len(state["dead_letter"]) == state["outbox"] == PARTITIONS
    return state


@settings(max_examples=25)
@given(windows=WINDOWS)
def test_any_window_again_changes_nothing(
    log: Log, once: dict[str, Any], windows: list[tuple[int, int, int]]
) -> None:
    assert asyncio.run(log.replay(windows)) == once
