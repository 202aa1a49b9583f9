"""Events that flow while something goes wrong, and the proof that each was applied once."""

import asyncio
import json
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import asyncpg

from shared.settings import ServiceSettings
from tests.events import produce
from tests.homes import READY_SECONDS, TestHome, counted
from tests.oracle import Event, fold

TABLES = ("annexes", "annex-months", "structures", "territories")
SECONDS = 30 + READY_SECONDS
"""How long a test waits for what must come; a quiet machine needs a tenth of it."""


@contextmanager
def flowing(home: TestHome, events: Sequence[Event]) -> Iterator[None]:
    """`events` are sent one by one, by a thread, while the block runs; all are when it ends."""
    settings = home.home.settings(ServiceSettings)
    with ThreadPoolExecutor(1) as threads:
        sent = threads.submit(lambda: asyncio.run(produce(settings, events)))
        yield
        sent.result(SECONDS)


def send(home: TestHome, events: Sequence[Event]) -> None:
    """Send `events`."""
    asyncio.run(produce(home.home.settings(ServiceSettings), events))


def assert_applied_once(home: TestHome, events: Sequence[Event], rejected: int = 0) -> None:
    """Every one of `events` was applied, once, and the exports are what they declare."""
    total = len(events) + rejected
    wait_until(lambda: asyncio.run(accounted(home)) >= total, "records are missing")
    assert counted(home) == {
        "applied": len(events),
        "stale": 0,
        "not_for_us": 0,
        "rejected": rejected,
        "compacted": 0,
    }
    expected = fold(events, home.today)
    assert {table: home.export_text(table) for table in TABLES} == expected


async def accounted(home: TestHome) -> int:
    """How many records `etp` has accounted for; a command would take a second to say it."""
    connection = await asyncpg.connect(home.home.read()["postgres"]["dsn"])
    try:
        query = (
            "SELECT coalesce(sum(next_offset - first_offset), 0)"
            " FROM etp_projection.consumer_position"
        )
        return int(await connection.fetchval(query))
    finally:
        await connection.close()


def wait_until(happened: Callable[[], object], what: str, seconds: float = SECONDS) -> None:
    """Wait for a condition; the test fails with `what` when it does not come."""
    deadline = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < deadline, what
        time.sleep(0.05)


def is_frozen(pid: int) -> bool:
    """Is the process stopped by a signal?"""
    return Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()[0] == "T"


def log_lines(home: TestHome, name: str, event: str) -> int:
    """How many times process `name` logged `event`."""
    lines = (home.home.logs / f"{name}.jsonl").read_text("utf-8").splitlines()
    return sum(json.loads(line)["event"] == event for line in lines)
