"""The worker of `modulation` killed in the middle of a load: its figures are the oracle's."""

from pathlib import Path

import pytest

from tests.faults.crashing_worker import CRASHING, ENDED
from tests.homes import TestHome
from tests.oracle_modulation import Year
from tests.results import allocated, as_written, exits, indicators

pytestmark = pytest.mark.faults
SLICES_BEFORE = 5


def test_killed_between_its_rows_and_its_commit(home: TestHome, tmp_path: Path) -> None:
    feed = tmp_path / "feed"
    home.cadran("sample-feed", "--structures", 25, "--years", 2, "--seed", 11, feed)
    home.start("ingest-worker", "worker", "ingest")
    home.start("etp-worker", "worker", "etp")
    ending = ("modulation", "ends", "commit:before", str(SLICES_BEFORE))
    killed = home.launch("modulation-worker", *CRASHING, *ending)
    home.cadran("load", feed)
    assert killed.wait(timeout=90) == ENDED
    before = applied(home)
    del home.workers["modulation-worker"]
    home.start_workers()
    home.cadran("load", feed, "--wait")
    home.cadran("accounts")
    assert 0 < before < applied(home)
    for year in (2025, 2026):
        expected = Year.of_feed(feed, year)
        assert indicators(home, year) == expected.indicators(), year
        found = exits(home, year)
        assert found == as_written(expected.exits), year
        assert len(found) > 20
        shared = allocated(home, year)
        assert sum(int(row["amount_eur_cents"]) for row in shared) > 0


def applied(home: TestHome) -> int:
    rows = home.cadran_json("accounts")["rows"]
    return sum(row["applied"] for row in rows if row["service"] == "modulation")
