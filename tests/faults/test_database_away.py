"""PostgreSQL restarted and killed under load, and a deadlock: tried again, applied once."""

import asyncio
import time

import asyncpg
import pytest

from tests.events import random_events
from tests.faults.flows import SECONDS, assert_applied_once, flowing, send, wait_until
from tests.faults.probes import liveness, readiness
from tests.homes import TestHome
from tests.oracle import Event
from tests.servers import Servers

pytestmark = pytest.mark.faults


@pytest.fixture(scope="module")
def sent(home: TestHome) -> list[Event]:
    """Events that a worker, which stays, has applied."""
    sent = random_events(1, 100)
    home.start("etp-worker", "worker", "etp")
    send(home, sent)
    assert_applied_once(home, sent)
    return sent


def more(sent: list[Event], count: int) -> list[Event]:
    """New events, noted as sent."""
    new = random_events(len(sent), count, first=len(sent))
    sent.extend(new)
    return new


@pytest.mark.parametrize("end", ["stop_postgres", "kill_postgres"])
def test_postgresql_restarted_under_load(
    home: TestHome, servers: Servers, sent: list[Event], end: str
) -> None:
    address = home.address("etp-worker")
    with flowing(home, more(sent, 1_000)):
        getattr(servers, end)()
        wait_until(lambda: "PostgreSQL ne répond pas" in readiness(address), "still ready")
        assert not liveness(address)
        servers.start_postgres()
    assert_applied_once(home, sent)
    wait_until(lambda: not readiness(address), "not ready again")


def test_a_deadlock_is_tried_again(home: TestHome, sent: list[Event]) -> None:
    log = home.home.logs / "etp-worker.jsonl"
    deadline = time.monotonic() + SECONDS
    while "DeadlockDetectedError" not in log.read_text("utf-8"):
        assert time.monotonic() < deadline, "no deadlock"
        new = more(sent, 1)
        while ".structure." not in new[-1][0]:
            new += more(sent, 1)
        asyncio.run(quarrel(home, new))
    assert_applied_once(home, sent)


async def quarrel(home: TestHome, new: list[Event]) -> None:
    """Hold a table that the worker wants behind its fence, then want the position it holds.

    Whoever waited first for a second finds the deadlock, and is its victim: the worker.
    """
    connection = await asyncpg.connect(home.home.read()["postgres"]["dsn"])
    try:
        await connection.execute("SET deadlock_timeout = '1min'")
        async with connection.transaction():
            await connection.execute("LOCK TABLE etp_projection.structure IN SHARE MODE")
            await asyncio.to_thread(send, home, new)
            waits = (
                "SELECT count(*) FROM pg_locks WHERE NOT granted"
                " AND relation = 'etp_projection.structure'::regclass"
            )
            deadline = time.monotonic() + SECONDS
            while not await connection.fetchval(waits):
                assert time.monotonic() < deadline, "the worker does not wait"
                await asyncio.sleep(0.01)
            await connection.execute("LOCK TABLE etp_projection.consumer_position IN SHARE MODE")
    finally:
        await connection.close()
