"""What measures share: real servers, homes on them, and a territory whose events lie in Kafka."""

import asyncio
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Self

from aiokafka import AIOKafkaConsumer
from aiokafka.structs import TopicPartition

from deploy.local.home import make_secrets
from services.etp.settings import TOPICS, EtpSettings
from shared.kafka.cluster import bounds
from shared.kafka.records import Record
from shared.kafka.security import client_options
from shared.settings import ServiceSettings
from shared.testing.sample.feed import write_feed
from shared.testing.sample.request import sample_request
from tests.doors import fetch
from tests.homes import TestHome, new_home
from tests.servers import Servers, start_servers

SEED = 1
WAIT_SECONDS = 1_800


@dataclass(frozen=True, slots=True)
class Scale:
    """How much is measured."""

    territory: int
    """Structures of the territory, over two years, that all but the nation are measured on."""
    nation: int
    years: int
    rounds: int


FULL = Scale(territory=300, nation=4_600, years=3, rounds=3)
SMALL = Scale(territory=12, nation=30, years=2, rounds=2)
"""To try the code of the measures; its figures mean nothing."""


@dataclass(frozen=True, slots=True)
class Territory:
    """A home whose topics hold a territory's events, and those events in memory."""

    home: TestHome
    topics: Sequence[str]
    records: Sequence[Record]

    @property
    def settings(self) -> EtpSettings:
        """As the worker of `etp` reads them."""
        return self.home.home.settings(EtpSettings)


class Bench:
    """One run; servers and territory are made when a measure first asks for them."""

    def __init__(self, scale: Scale) -> None:
        self.scale = scale
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self._stack.close()

    @cached_property
    def folder(self) -> Path:
        """For this run's files."""
        return Path(self._stack.enter_context(tempfile.TemporaryDirectory(prefix="cadran-bench-")))

    @cached_property
    def servers(self) -> Servers:
        """Kafka and PostgreSQL, fsync on."""
        return self._stack.enter_context(start_servers())

    @cached_property
    def secrets(self) -> Path:
        """PostgreSQL's roles belong to the whole server: one set for all homes."""
        folder = self.folder / "secrets"
        folder.mkdir()
        make_secrets(folder)
        return folder

    def home(self, name: str) -> TestHome:
        """A provisioned home with no process; its processes end with the run."""
        path = self.folder / name
        return self._stack.enter_context(new_home(self.servers, self.secrets, path, name))

    @cached_property
    def scratch(self) -> TestHome:
        """Empty tables and topics, to fill at will."""
        return self.home("scratch")

    def feed(self, structures: int, years: int, changed: int = 0) -> Path:
        """A synthetic delivery, written once a run."""
        out = self.folder / f"feed-{structures}-{years}-{changed}"
        if not out.exists():
            write_feed(sample_request(structures, years, SEED, changed_percent=changed), out)
        return out

    @cached_property
    def territory(self) -> Territory:
        """Loaded through the real door and published by the real relay; nothing consumed it."""
        home = self.home("territory")
        home.start("ingest-worker", "worker", "ingest")
        home.cadran("load", self.feed(self.scale.territory, 2))
        wait_until(lambda: fetch(home, "SELECT 1 WHERE NOT EXISTS (SELECT FROM outbox)"))
        home.stop("ingest-worker")
        settings = home.home.settings(ServiceSettings)
        topics = [settings.topic(name) for name in TOPICS]
        return Territory(home, topics, asyncio.run(read_all(settings, topics)))


def wait_until(holds: Callable[[], object]) -> None:
    """Look often, and fail after half an hour."""
    deadline = time.monotonic() + WAIT_SECONDS
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)


async def read_all(settings: ServiceSettings, topics: Sequence[str]) -> list[Record]:
    """Every record of `topics`, by partition and offset."""
    limits = await bounds(settings, topics)
    waiting = {TopicPartition(*key): end for key, (first, end) in limits.items() if end > first}
    consumer = AIOKafkaConsumer(**client_options(settings), enable_auto_commit=False)
    await consumer.start()
    records: list[Record] = []
    try:
        consumer.assign(list(waiting))
        await consumer.seek_to_beginning()
        while waiting:
            for tp, batch in (await consumer.getmany(timeout_ms=1_000)).items():
                records += batch
                if batch[-1].offset + 1 >= waiting[tp]:
                    waiting.pop(tp, None)
    finally:
        await consumer.stop()
    return sorted(records, key=lambda record: (record.topic, record.partition, record.offset))
