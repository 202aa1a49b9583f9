"""Owners of partitions that freeze, leave, come back or multiply: one of them applies each record.

After the session (6 s; 45 s in the long form, as in production) Kafka gives a frozen owner's
partitions to another, and the frozen one wakes up believing that it still owns them.
"""

import signal
from collections.abc import Iterator

import pytest

from tests.events import random_events
from tests.faults.crashing_worker import CRASHING
from tests.faults.flows import (
    assert_applied_once,
    flowing,
    is_frozen,
    log_lines,
    send,
    wait_until,
)
from tests.faults.probes import liveness
from tests.homes import TestHome
from tests.oracle import Event

pytestmark = pytest.mark.faults


class Sent(list[Event]):
    """What was sent so far; `more` makes as many new events, on the same documents."""

    def more(self, count: int) -> list[Event]:
        """New events, noted as sent."""
        new = random_events(len(self), count, first=len(self))
        self.extend(new)
        return new


@pytest.fixture(scope="module")
def sent(home: TestHome) -> Sent:
    """A first worker has opened every position."""
    sent = Sent()
    start(home, 0)
    send(home, sent.more(200))
    assert_applied_once(home, sent)
    home.stop_all()
    return sent


@pytest.fixture(autouse=True)
def stopped(home: TestHome) -> Iterator[None]:
    """Every test begins without a worker."""
    yield
    home.stop_all()


def start(home: TestHome, slot: int) -> str:
    """Start the worker of a slot; its address."""
    return home.start(f"etp-{slot}", "worker", "etp", CADRAN_SLOT=str(slot))


def freeze_at(home: TestHome, *accident: str) -> int:
    """A worker in slot 0 that freezes once it has something to do; its pid."""
    worker = home.launch("etp-0", *CRASHING, "etp", *accident, CADRAN_SLOT="0")
    wait_until(lambda: is_frozen(worker.pid), "the worker did not freeze")
    return worker.pid


def test_a_zombie_owner_is_fenced(home: TestHome, sent: Sent) -> None:
    send(home, sent.more(300))
    freeze_at(home, "freezes", "copy:after")
    start(home, 1)
    assert_applied_once(home, sent)
    home.workers["etp-0"].send_signal(signal.SIGCONT)
    wait_until(lambda: log_lines(home, "etp-0", "fenced"), "the zombie was not fenced")
    send(home, sent.more(200))
    assert_applied_once(home, sent)
    home.wait_ready("etp-0", home.address("etp-0"))


def test_an_owner_frozen_in_the_middle_of_a_copy_is_freed_by_the_next(
    home: TestHome, sent: Sent
) -> None:
    send(home, sent.more(200))
    freeze_at(home, "freezes-in-copy")
    start(home, 1)
    assert_applied_once(home, sent)
    assert log_lines(home, "etp-1", "frozen_owners_ended")
    home.workers["etp-0"].send_signal(signal.SIGCONT)
    home.wait_ready("etp-0", home.address("etp-0"))


def test_of_two_processes_with_one_slot_name_the_older_ends(home: TestHome, sent: Sent) -> None:
    start(home, 0)
    older = home.workers.pop("etp-0")
    address = home.start("twin", "worker", "etp", CADRAN_SLOT="0")
    assert older.wait(30) == 1
    assert "la place 0 du service etp a été prise" in home.log_tail("etp-0")
    send(home, sent.more(200))
    assert_applied_once(home, sent)
    home.wait_ready("twin", address)


def test_workers_join_and_leave_while_records_flow(home: TestHome, sent: Sent) -> None:
    start(home, 0)
    with flowing(home, sent.more(2_000)):
        start(home, 1)
        start(home, 2)
        home.stop("etp-1", signal.SIGKILL)
        home.stop("etp-0")
        start(home, 1)
        start(home, 0)
    assert_applied_once(home, sent)


def test_a_consumer_that_stops_silently_fails_liveness(home: TestHome, sent: Sent) -> None:
    address = home.start("etp-0", "worker", "etp", CADRAN_SLOT="0")
    home.stop("etp-0")
    home.launch("etp-0", *CRASHING, "etp", "goes-deaf", CADRAN_SLOT="0")
    home.wait_ready("etp-0", address)
    assert not liveness(address)
    send(home, sent.more(10))
    stuck = "des enregistrements attendent sans avancer"
    wait_until(lambda: stuck in liveness(address), "liveness did not fail")
