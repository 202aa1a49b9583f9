"""A relay's chunks on the real servers: the next one is read while one is sent, and all goes on
from the outbox's first row when one fails."""

import asyncio

import pytest
from prometheus_client import CollectorRegistry

from services.ingest.database import build_database
from services.ingest.settings import SERVICE, IngestSettings
from shared.contracts.registry import DECLARATIONS
from shared.database.outbox import OutboxRow, last_row, write_outbox
from shared.kafka import relay as relay_module
from shared.kafka.relay import Relay
from shared.telemetry.metrics import build_metrics
from tests.homes import TestHome
from tests.topics import read_topics

ROWS = 10
CHUNK = 3


class FailingOnce:
    """A checkpoint that fails at the n-th time that a step is reached."""

    def __init__(self, step: str, time: int) -> None:
        self._step, self._left = step, time

    def __call__(self, name: str) -> None:
        self._left -= name == self._step
        if name == self._step and self._left == 0:
            raise OSError


@pytest.fixture(autouse=True)
def _small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relay_module, "CHUNK", CHUNK)
    monkeypatch.setattr(relay_module, "RETRY_SECONDS", 0.0)


def relay_all(home: TestHome, checkpoint: FailingOnce) -> list[bytes | None]:
    """What was published until the outbox was empty, in the order of the one key."""
    settings = home.home.settings(IngestSettings)
    before = len(read_topics(settings, [DECLARATIONS]))
    topic = settings.topic(DECLARATIONS)

    async def run() -> None:
        database = build_database(settings, "test")
        metrics = build_metrics(CollectorRegistry())
        relay = Relay(settings, database, SERVICE, metrics, checkpoint=checkpoint)
        async with database.connection() as connection:
            rows = [OutboxRow(topic, "one", {}, str(place).encode()) for place in range(ROWS)]
            await write_outbox(connection, rows)
            running = asyncio.create_task(relay.run())
            async with asyncio.timeout(60):
                while await last_row(connection):
                    await asyncio.sleep(0.01)
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
            await relay.stop()

    asyncio.run(run())
    return [record.value for record in read_topics(settings, [DECLARATIONS])[before:]]


def test_rows_are_published_once_in_their_order(home: TestHome) -> None:
    assert relay_all(home, FailingOnce("never", 1)) == [
        str(place).encode() for place in range(ROWS)
    ]


@pytest.mark.parametrize("step", ["relay-send:before", "relay-send:after", "relay-mark:before"])
def test_a_chunk_that_fails_goes_again_and_none_is_passed_over(home: TestHome, step: str) -> None:
    published = relay_all(home, FailingOnce(step, 2))
    first_times = list(dict.fromkeys(published))
    assert first_times == [str(place).encode() for place in range(ROWS)]
    again = len(published) - ROWS
    assert again == (0 if step == "relay-send:before" else CHUNK)
