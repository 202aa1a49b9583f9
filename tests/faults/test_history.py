"""Many producers, unique values, random kills and freezes: no loss, no duplicate, whatever the
history. Then a quiet while: memory and lag stay flat."""

import asyncio
import os
import random
import statistics
import time
from pathlib import Path

import pytest

from tests.faults.chaos import Monkey, expected, kept, write_until
from tests.faults.flows import TABLES, wait_until
from tests.faults.probes import metric
from tests.homes import LONG, TestHome, counted
from tests.oracle import Event, fold

pytestmark = pytest.mark.faults
HISTORY_SECONDS = 600 if LONG else 30
SOAK_SECONDS = 600 if LONG else 10
CATCH_UP_SECONDS = 300 if LONG else 180
GROWTH = 1.10 if LONG else 1.25
"""Of memory, from the first quarter of the soak to its last; a short one begins still warming."""
LAG_RECORDS = 500
PROCESSES = {
    "ingest-0": ("ingest", "0"),
    "ingest-1": ("ingest", "1"),
    "etp-0": ("etp", "0"),
    "etp-1": ("etp", "1"),
    "etp-2": ("etp", "2"),
}


@pytest.fixture(scope="module")
def written() -> list[Event]:
    """Every event that a producer committed, over the module."""
    return []


def assert_history(home: TestHome, written: list[Event]) -> None:
    """Each event was applied once; what is exported is the highest revision of each document."""
    must = expected(written)
    wait_until(lambda: asyncio.run(kept(home)) == must, "lost or doubled", CATCH_UP_SECONDS)
    home.cadran("accounts")
    assert counted(home)["rejected"] == 0
    assert {table: home.export_text(table) for table in TABLES} == fold(written, home.today)


def test_random_kills_and_freezes(home: TestHome, written: list[Event]) -> None:
    seed = int(os.environ.get("CADRAN_SEED") or random.randrange(10**6))
    print(f"CADRAN_SEED={seed}")  # noqa: T201 - shown when the test fails
    monkey = Monkey(home, PROCESSES, random.Random(seed))
    for name in PROCESSES:
        monkey.launch(name)

    async def history() -> list[Event]:
        until = time.monotonic() + HISTORY_SECONDS
        playing = asyncio.create_task(monkey.play_until(until))
        events = await write_until(home, until, range(6), pause=0.2)
        await playing
        return events

    written += asyncio.run(history())
    assert monkey.killed
    assert monkey.frozen
    assert_history(home, written)


def test_memory_and_lag_stay_flat(home: TestHome, written: list[Event]) -> None:
    for name in ("ingest-1", "etp-1", "etp-2"):
        home.stop(name)
    address = home.address("etp-0")
    home.wait_ready("etp-0", address)
    pid = home.workers["etp-0"].pid
    memory: list[int] = []
    lag: list[float] = []

    async def soak() -> list[Event]:
        until = time.monotonic() + SOAK_SECONDS
        writing = asyncio.create_task(write_until(home, until, range(6, 8), pause=0.1))
        while not writing.done():
            memory.append(resident_bytes(pid))
            lag.append(await asyncio.to_thread(metric, address, "cadran_lag_records"))
            await asyncio.sleep(0.25)
        return await writing

    written += asyncio.run(soak())
    assert_history(home, written)
    quarter = max(1, len(memory) // 4)
    assert statistics.median(memory[-quarter:]) <= GROWTH * statistics.median(memory[:quarter])
    assert statistics.median(lag[-quarter:]) <= LAG_RECORDS


def resident_bytes(pid: int) -> int:
    """Memory of a process now."""
    return int(Path(f"/proc/{pid}/statm").read_text("ascii").split()[1]) * os.sysconf("SC_PAGESIZE")
