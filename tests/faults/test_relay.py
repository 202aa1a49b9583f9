"""The relay ended at every step, its leader killed or frozen: every event goes out, by one leader.

After a failure a chunk goes again: an event may come twice, and is applied once.
"""

import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.faults.crashing_worker import CRASHING, ENDED
from tests.faults.flows import TABLES, is_frozen, log_lines, wait_until
from tests.homes import TestHome, counted
from tests.oracle import exports

pytestmark = pytest.mark.faults
POINTS = ("relay-send:before", "relay-send:after", "relay-mark:before", "relay-mark:after")
Deliver = Callable[[], Path]


@pytest.fixture(scope="module")
def deliver(home: TestHome, tmp_path_factory: pytest.TempPathFactory) -> Deliver:
    """Load one delivery more, each with other hours than the former; it waits in the outbox."""
    folder = tmp_path_factory.mktemp("relay")
    days = iter(range(1, 22))
    for service in ("etp", "modulation"):
        home.start(f"{service}-worker", "worker", service)

    def load() -> Path:
        day = next(days)
        feed = folder / str(day)
        home.cadran(
            *("sample-feed", "--structures", 10, "--years", 1, "--seed", 3),
            *("--stamp", f"{day:02}112026_063000", "--changed", 4 * day, feed),
        )
        receipt: dict[str, Any] = home.cadran_json("load", feed)
        assert receipt["published"]
        return feed

    return load


def assert_arrived(home: TestHome, feed: Path) -> None:
    """All is projected, and the exports are those of `feed`."""
    assert home.cadran_json("load", feed, "--wait")["published"] == 0
    home.cadran("accounts")
    assert {table: home.export_text(table) for table in TABLES} == exports(feed, home.today)


def test_a_relay_ended_at_every_step(home: TestHome, deliver: Deliver) -> None:
    for point in POINTS:
        feed = deliver()
        relay = home.launch("ingest-0", *CRASHING, "ingest", "ends", point)
        assert relay.wait(60) == ENDED, point
    home.workers.pop("ingest-0")
    start(home, "0")
    assert_arrived(home, feed)
    assert counted(home)["stale"], "no event was sent twice: the points were not reached"


def start(home: TestHome, slot: str) -> None:
    """The worker of a slot runs."""
    if f"ingest-{slot}" not in home.workers:
        home.start(f"ingest-{slot}", "worker", "ingest", CADRAN_SLOT=slot)


def test_a_killed_leader_is_replaced(home: TestHome, deliver: Deliver) -> None:
    start(home, "0")
    start(home, "1")
    assert not log_lines(home, "ingest-1", "relay_leads")
    home.stop("ingest-0", signal.SIGKILL)
    assert_arrived(home, deliver())
    assert log_lines(home, "ingest-1", "relay_leads")


def test_a_frozen_leader_is_ended_by_the_one_that_waits(home: TestHome, deliver: Deliver) -> None:
    start(home, "1")
    frozen = home.workers["ingest-1"]
    frozen.send_signal(signal.SIGSTOP)
    wait_until(lambda: is_frozen(frozen.pid), "not frozen")
    home.launch("ingest-2", *CRASHING, "ingest", "impatient", CADRAN_SLOT="2")
    assert_arrived(home, deliver())
    assert log_lines(home, "ingest-2", "frozen_leader_ended")
    frozen.send_signal(signal.SIGCONT)
    assert_arrived(home, deliver())
    home.wait_ready("ingest-1", home.address("ingest-1"))
