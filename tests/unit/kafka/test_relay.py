"""A relay that no longer turns fails liveness; one that waits for its turn does not."""

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
    """Another relay leads; after some answers the server goes silent, and says nothing of it."""

    def __init__(self, answers: float) -> None:
        self.answers = answers
        self.silent = asyncio.Event()

    @asynccontextmanager
    async def connection(self) -> AsyncIterator["Database"]:
        yield self

    async def fetchval(self, _query: str, *_arguments: Any) -> Any:
        self.answers -= 1
        if self.answers < 0:
            self.silent.set()
            await asyncio.Event().wait()
        return 0


def relay_on(database: Any, folder: Path) -> Relay:
    settings = ServiceSettings(kafka_bootstrap="localhost:9", secrets=folder)
    return Relay(settings, database, "etp", build_metrics(CollectorRegistry()))


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """One number: the monotonic instant."""
    now = [1_000.0]
    monkeypatch.setattr(relay_module, "_now", lambda: now[0])
    monkeypatch.setattr(relay_module, "RETRY_SECONDS", 0.0)
    return now


async def test_a_database_that_went_silent(tmp_path: Path, clock: list[float]) -> None:
    database = Database(answers=20)
    relay = relay_on(database, tmp_path)
    clock[0] += 10 * STUCK_SECONDS
    running = asyncio.create_task(relay.run())
    await database.silent.wait()
    assert relay.stuck() is None
    clock[0] += STUCK_SECONDS + 1
    assert relay.stuck() == "la publication ne tourne plus"
    running.cancel()
