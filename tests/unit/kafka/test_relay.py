"""A relay that no longer turns fails liveness; one refused, waiting or always sending does not."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import CollectorRegistry

from shared.kafka import relay as relay_module
from shared.kafka.relay import STUCK_SECONDS, Relay
from shared.settings import ServiceSettings
from shared.telemetry.metrics import build_metrics


class Database:
    """Another relay leads; after some answers, that take their time, the server goes silent, and
    says nothing of it."""

    def __init__(self, clock: list[float], answers: int) -> None:
        self.clock = clock
        self.answers = answers
        self.silent = asyncio.Event()

    @asynccontextmanager
    async def connection(self) -> AsyncIterator["Database"]:
        yield self

    async def answer(self) -> None:
        self.answers -= 1
        if self.answers < 0:
            self.silent.set()
            await asyncio.Event().wait()
        self.clock[0] += STUCK_SECONDS / 2

    async def fetchval(self, _query: str, *_arguments: Any) -> int:
        await self.answer()
        return 0


class Refusing(Database):
    """No connection is given."""

    @asynccontextmanager
    async def connection(self) -> AsyncIterator["Database"]:
        await self.answer()
        raise ConnectionRefusedError
        yield self


class EmptyOutbox(Database):
    """This relay leads, and nothing ever waits to be sent."""

    async def fetchval(self, _query: str, *_arguments: Any) -> int:
        return 1

    async def fetch(self, _query: str, *_arguments: Any) -> list[Any]:
        await self.answer()
        return []

    async def fetchrow(self, _query: str) -> tuple[int, float]:
        return 0, 0.0


class EndlessOutbox(EmptyOutbox):
    """This relay leads, and whatever it sends, as much waits again."""

    async def fetch(self, query: str, *arguments: Any) -> list[Any]:
        await super().fetch(query, *arguments)
        return [(1, "topic", "key", "{}", b"")]

    async def execute(self, _query: str, *_arguments: Any) -> None: ...


class Producer:
    """All is acknowledged at once."""

    async def start(self) -> None: ...

    async def send(self, _topic: str, **_record: Any) -> asyncio.Future[None]:
        acknowledged = asyncio.get_running_loop().create_future()
        acknowledged.set_result(None)
        return acknowledged

    async def stop(self) -> None: ...


def relay_on(database: Any, folder: Path) -> Relay:
    settings = ServiceSettings(kafka_bootstrap="localhost:9", secrets=folder)
    return Relay(settings, database, "etp", build_metrics(CollectorRegistry()))


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """One number: the monotonic instant. No pause lasts, and a row is a whole chunk."""
    now = [1_000.0]
    monkeypatch.setattr(relay_module, "_now", lambda: now[0])
    monkeypatch.setattr(relay_module, "RETRY_SECONDS", 0.0)
    monkeypatch.setattr(relay_module, "IDLE_SECONDS", 0.0)
    monkeypatch.setattr(relay_module, "CHUNK", 1)
    monkeypatch.setattr(relay_module, "build_producer", lambda _settings: Producer())
    return now


@pytest.mark.parametrize("kind", [Database, Refusing, EmptyOutbox, EndlessOutbox])
async def test_only_a_database_that_went_silent_is_told(
    tmp_path: Path, clock: list[float], kind: type[Database]
) -> None:
    database = kind(clock, answers=20)
    relay = relay_on(database, tmp_path)
    running = asyncio.create_task(relay.run())
    await database.silent.wait()
    assert relay.stuck() is None
    clock[0] += STUCK_SECONDS + 1
    assert relay.stuck() == "la publication ne tourne plus"
    running.cancel()
