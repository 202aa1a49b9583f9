"""A process ended before or after each step: nothing lost, nothing twice.

One worker after the other is ended at a point of its own, without any clean-up; the next one takes
over what it left, up to its own point. Every round brings new and changed documents and a record
that cannot be read in every partition, so that each step has something to do.
"""

import asyncio

import pytest

from shared.contracts.registry import DECLARATIONS
from shared.settings import ServiceSettings
from tests.events import produce, produce_poison, random_events
from tests.faults.crashing_worker import CRASHING, ENDED
from tests.homes import TestHome, wait_for_records
from tests.oracle import Event, fold

pytestmark = pytest.mark.faults
TABLES = ("annexes", "annex-months", "structures", "territories")
OF_A_SLICE = ("decide", "copy", "position", "merge", "outbox", "commit")
OF_A_BATCH = ("offset-commit", "relay-send", "relay-mark")
POINTS = [
    *((f"{step}:before", 1) for step in OF_A_SLICE + OF_A_BATCH),
    *((f"{step}:after", 2) for step in OF_A_SLICE),
    *((f"{step}:after", 1) for step in OF_A_BATCH),
]
"""Each step, and the how many-th time of it: one slice may be committed before."""
PARTITIONS, EVENTS_A_ROUND, CRASH_SECONDS = 4, 60, 60


class Rounds:
    """What was sent so far."""

    def __init__(self, home: TestHome) -> None:
        self.settings = home.home.settings(ServiceSettings)
        self.events: list[Event] = []
        self.poisons = 0

    def send(self) -> None:
        """New and changed documents, and one record that cannot be read in every partition."""
        seed, first = len(self.events), len(self.events)
        new = random_events(seed, EVENTS_A_ROUND, first)
        asyncio.run(produce(self.settings, new))
        asyncio.run(produce_poison(self.settings, DECLARATIONS, range(PARTITIONS)))
        self.events += new
        self.poisons += PARTITIONS


@pytest.fixture(scope="module")
def rounds(home: TestHome) -> Rounds:
    return Rounds(home)


def test_a_worker_ended_at_every_step(home: TestHome, rounds: Rounds) -> None:
    for point, nth in POINTS:
        rounds.send()
        worker = home.launch("etp-worker", *CRASHING, "etp", "ends", point, str(nth))
        assert worker.wait(CRASH_SECONDS) == ENDED, point
    home.start("etp-worker", "worker", "etp")
    total = len(rounds.events) + rounds.poisons
    assert wait_for_records(home, total) == {
        "applied": len(rounds.events),
        "stale": 0,
        "not_for_us": 0,
        "rejected": rounds.poisons,
        "compacted": 0,
    }
    expected = fold(rounds.events, home.today)
    assert {table: home.export_text(table) for table in TABLES} == expected
