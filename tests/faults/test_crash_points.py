"""A process ended before or after each step: nothing lost, nothing twice.

One worker after the other is ended at a point of its own, without any clean-up; the next one takes
over what it left, up to its own point. Every round brings new and changed documents and a record
that cannot be read in every partition, so that each step has something to do.
"""

import asyncio
import json

import pytest

from shared.contracts.registry import DECLARATIONS
from shared.kafka.topics import dead_letter_topic
from shared.settings import ServiceSettings
from tests.events import produce, produce_poison, random_events
from tests.faults.crashing_worker import CRASHING, ENDED
from tests.faults.flows import assert_applied_once, wait_until
from tests.homes import TestHome
from tests.oracle import Event
from tests.topics import read_topics

pytestmark = pytest.mark.faults
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
    assert_applied_once(home, rounds.events, rounds.poisons)
    assert_each_dead_letter_was_published(home, rounds)


def assert_each_dead_letter_was_published(home: TestHome, rounds: Rounds) -> None:
    """A row once, and a record of its topic once or, where the relay was ended, more often."""
    letters = home.cadran_json("dead-letters", "list")["rows"]
    places = {(row["partition"], row["offset"]) for row in letters}
    assert len(places) == len(letters) == rounds.poisons

    def published() -> set[tuple[int, int]]:
        records = read_topics(rounds.settings, [dead_letter_topic(DECLARATIONS)])
        sources = [json.loads(record.value)["source"] for record in records]
        return {(source["partition"], source["offset"]) for source in sources}

    wait_until(lambda: published() == places, "dead letters are not published")
