"""Too many refused records stop their partition: nothing is dropped, and a person lifts it."""

import asyncio
from collections.abc import Sequence
from typing import Any

from shared.contracts.registry import DECLARATIONS
from shared.settings import ServiceSettings
from tests.faults.flows import wait_until
from tests.faults.probes import liveness, wait_unready
from tests.homes import TestHome, positions
from tests.poison import Written, dead_letters, month_headers, sound, write

POISON = Written(month_headers(), b"{")
OLDER_RELEASE = ("-m", "tests.integration.older_release")


def send(home: TestHome, records: Sequence[Written], partition: int) -> None:
    asyncio.run(write(home.home.settings(ServiceSettings), records, partition))


def account(home: TestHome, partition: int) -> dict[str, Any]:
    """The position row of one partition of declarations; of one never read, no record."""
    topic = home.home.settings(ServiceSettings).topic(DECLARATIONS)
    rows = [r for r in positions(home, "etp") if (r["topic"], r["partition"]) == (topic, partition)]
    return rows[0] if rows else {"next_offset": 0}


def reach(home: TestHome, partition: int, offset: int) -> dict[str, Any]:
    """Wait until a partition is read up to `offset`; its account."""
    wait_until(lambda: account(home, partition)["next_offset"] >= offset, f"{partition} stands")
    return account(home, partition)


def test_a_faulty_release_stops_and_the_mended_one_goes_on_where_it_stopped(
    home: TestHome,
) -> None:
    """100 % refused by a release with a fault: 100 are put aside, the others wait for a person."""
    home.launch("etp-worker", *OLDER_RELEASE)
    home.wait_ready("etp-worker", home.address("etp-worker"))
    send(home, [sound(number) for number in range(150)], 0)
    topic = home.home.settings(ServiceSettings).topic(DECLARATIONS)
    wait_unready(home, "etp-worker", f"{topic}-0 : 100 enregistrements illisibles de suite")

    send(home, [POISON, sound(200)], 1)
    elsewhere = reach(home, 1, 2)
    assert elsewhere["rejected"] == 2, "the other partitions go on"
    stopped = account(home, 0)
    assert (stopped["next_offset"], stopped["rejected"]) == (100, 100)
    assert liveness(home.address("etp-worker")) == "", "a new start would lift it without anyone"
    letters = asyncio.run(dead_letters(home, "etp"))
    assert [row["record_offset"] for row in letters if row["partition"] == 0] == [*range(100)]

    home.stop("etp-worker")
    home.start("etp-worker", "worker", "etp")
    mended = reach(home, 0, 150)
    assert (mended["applied"], mended["rejected"]) == (50, 100)
    home.cadran("dead-letters", "replay", letters[0]["id"])
    wait_until(
        lambda: sum(row["applied"] for row in positions(home, "etp")) == 51,
        "the replayed record is not applied",
    )
    home.cadran("accounts")


def test_half_of_the_last_thousand_stop_the_partition_at_the_record_that_makes_it(
    home: TestHome,
) -> None:
    """The worker of the test before; sound records between do not hide the others."""
    records = [x for number in range(300, 810) for x in (sound(number), POISON)]
    send(home, records, 3)
    topic = home.home.settings(ServiceSettings).topic(DECLARATIONS)
    wait_unready(home, "etp-worker", f"{topic}-3 : 500 enregistrements illisibles sur 1000")
    stopped = account(home, 3)
    assert (stopped["next_offset"], stopped["applied"], stopped["rejected"]) == (1000, 500, 500)
    home.stop("etp-worker")
    home.start("etp-worker", "worker", "etp")
    passed = reach(home, 3, len(records))
    assert (passed["applied"], passed["rejected"]) == (510, 510)
    home.cadran("accounts")
