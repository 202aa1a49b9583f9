"""Processes killed in the middle of a load: the exports are those of a quiet load."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.homes import PROJECT, TestHome
from tests.oracle import exports

pytestmark = pytest.mark.faults
TABLES = ("annexes", "annex-months", "structures", "territories")


@pytest.fixture(scope="module")
def feed(home: TestHome, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A territory large enough to be killed in its middle."""
    folder = tmp_path_factory.mktemp("killed") / "feed"
    home.cadran("sample-feed", "--structures", 60, "--years", 2, "--seed", 7, folder)
    return folder


def applied(home: TestHome) -> int:
    return sum(int(row["applied"]) for row in home.cadran_json("accounts")["rows"])


def test_a_killed_worker_and_a_killed_load_end_the_same(home: TestHome, feed: Path) -> None:
    home.start_workers()
    load = subprocess.Popen(
        [sys.executable, "-m", "cli.main", "load", str(feed), "--json"],
        env=home.environment(CADRAN_OUTBOX_MAX_ROWS="200"),
        cwd=PROJECT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    deadline = time.monotonic() + 60
    while applied(home) == 0 and time.monotonic() < deadline:
        time.sleep(0.05)
    assert applied(home) > 0
    home.stop("etp-worker", signal.SIGKILL)
    load.send_signal(signal.SIGKILL)
    load.wait(timeout=10)
    home.stop("ingest-worker", signal.SIGKILL)

    home.start_workers()
    receipt = home.cadran_json("load", feed, "--wait")
    again = home.cadran_json("load", feed, "--wait")
    assert again["published"] == 0
    assert again["documents"]["monthly-state"]["unchanged"] == sum(
        receipt["documents"]["monthly-state"].values()
    )
    home.cadran("accounts")
    killed = {table: home.export_text(table) for table in TABLES}
    assert killed["annexes"].count("\n") > 60
    assert killed == exports(feed, home.today)
