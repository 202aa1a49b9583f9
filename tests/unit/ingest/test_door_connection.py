"""The doors' connections: thrown away after a fault, kept after a refusal; 503 without a server."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
import pytest

from services.ingest.api.connections import door_connection
from shared.web.problems import Problem, problem_of


class Connection:
    terminated = False

    def terminate(self) -> None:
        self.terminated = True


class Pool:
    """A pool of one connection, or a server that is away."""

    def __init__(self, away: Exception | None = None) -> None:
        self.connection = Connection()
        self._away = away

    @asynccontextmanager
    async def acquire(self, **_timeout: float) -> AsyncIterator[Connection]:
        if self._away is not None:
            raise self._away
        yield self.connection


def fail(error: Exception | None) -> None:
    if error is not None:
        raise error


async def outcome(pool: Pool, error: Exception | None = None) -> Exception | None:
    """What using a connection ends with."""
    try:
        async with door_connection(pool):
            fail(error)
    except Exception as raised:  # noqa: BLE001 - what is judged
        return raised
    return None


@pytest.mark.parametrize("away", [ConnectionRefusedError(), TimeoutError()])
async def test_a_server_away_is_a_503_with_a_time_to_come_back(away: Exception) -> None:
    problem = await outcome(Pool(away))
    assert isinstance(problem, Problem)
    assert (problem.status, problem.code) == (503, "storage-unavailable")
    assert int(problem.headers["Retry-After"]) > 0


@pytest.mark.parametrize(
    "lost", [asyncpg.ConnectionDoesNotExistError(), asyncpg.LockNotAvailableError()]
)
async def test_a_server_lost_on_the_way_is_a_503_and_its_connection_goes(lost: Exception) -> None:
    pool = Pool()
    problem = await outcome(pool, lost)
    assert isinstance(problem, Problem)
    assert problem.code == "storage-unavailable"
    assert pool.connection.terminated


async def test_a_fault_of_ours_is_no_503_and_its_connection_goes() -> None:
    pool = Pool()
    fault = KeyError()
    assert await outcome(pool, fault) is fault
    assert pool.connection.terminated


async def test_a_refusal_and_a_success_keep_the_connection() -> None:
    pool = Pool()
    refusal = problem_of(413)
    assert await outcome(pool, refusal) is refusal
    assert await outcome(pool) is None
    assert not pool.connection.terminated
