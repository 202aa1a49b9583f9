"""Producers that write to the outbox as a load does, and processes killed and frozen at random."""

import asyncio
import random
import signal
import time
from collections.abc import Iterable
from dataclasses import dataclass, field

import asyncpg

from services.ingest.database import build_database
from services.ingest.settings import IngestSettings
from shared.database.outbox import write_outbox
from tests.events import outbox_row, random_events
from tests.homes import SESSION_SECONDS, TestHome
from tests.oracle import Event

APART = 1_000_000
"""Between the first event numbers of two producers, so that no two revisions are equal."""
BLOCK = 10


async def write_until(home: TestHome, until: float, producers: range, pause: float) -> list[Event]:
    """Producers of these numbers write blocks of events until an instant; all was committed."""
    settings = home.home.settings(IngestSettings)
    database = build_database(settings, "producer")

    async def write(number: int) -> list[Event]:
        written: list[Event] = []
        async with database.connection() as connection:
            while time.monotonic() < until:
                first = number * APART + len(written)
                block = random_events(first, BLOCK, first)
                async with connection.transaction():
                    await write_outbox(connection, [outbox_row(settings, e) for e in block])
                written += block
                await asyncio.sleep(pause)
        return written

    written = await asyncio.gather(*map(write, producers))
    return [event for events in written for event in events]


@dataclass
class Monkey:
    """Kills and freezes the processes of `commands` (name → arguments, slot), seeded."""

    home: TestHome
    commands: dict[str, tuple[str, str]]
    rng: random.Random
    killed: int = 0
    frozen: int = 0
    _until: dict[str, float] = field(default_factory=dict)

    def launch(self, name: str) -> None:
        """Start a process, and wait for nothing."""
        service, slot = self.commands[name]
        arguments = ("-m", "cli.main", "serve", "worker", service)
        self.home.launch(name, *arguments, CADRAN_SLOT=slot)

    async def play_until(self, until: float) -> None:
        """One accident every second or two; some of the frozen outlive their session."""
        while time.monotonic() < until:
            await asyncio.sleep(self.rng.uniform(0.5, 2.0))
            self._wake(time.monotonic())
            name = self.rng.choice(sorted(self.commands))
            if name in self._until:
                continue
            if self.rng.random() < 0.6:
                self.home.stop(name, signal.SIGKILL)
                self.launch(name)
                self.killed += 1
            else:
                self.home.workers[name].send_signal(signal.SIGSTOP)
                self._until[name] = time.monotonic() + self.rng.uniform(0.5, 1.5 * SESSION_SECONDS)
                self.frozen += 1
        self._wake(float("inf"))

    def _wake(self, now: float) -> None:
        for name in [name for name, at in self._until.items() if at <= now]:
            del self._until[name]
            self.home.workers[name].send_signal(signal.SIGCONT)


async def kept(home: TestHome) -> tuple[list[int], dict[int, int]]:
    """What `etp` holds: every revision of what it appends, and each structure's revision."""
    connection = await asyncpg.connect(home.home.read()["postgres"]["dsn"])
    try:
        appended = await connection.fetch(
            "SELECT revision FROM etp_projection.financial_annex_version UNION ALL"
            " SELECT revision FROM etp_projection.monthly_state ORDER BY 1"
        )
        structures = await connection.fetch(
            "SELECT structure_id, revision FROM etp_projection.structure"
        )
        return [row[0] for row in appended], {row[0]: row[1] for row in structures}
    finally:
        await connection.close()


def expected(written: Iterable[Event]) -> tuple[list[int], dict[int, int]]:
    """What it must hold: revisions are unique, so that one lost or doubled is seen."""
    appended: list[int] = []
    structures: dict[int, int] = {}
    for type_name, _source, _rank, revision, data in written:
        if ".structure." in type_name:
            known = structures.get(data["structure_id"], 0)
            structures[data["structure_id"]] = max(revision, known)
        else:
            appended.append(revision)
    return sorted(appended), structures
