"""Processes and loads killed in the middle: the exports are those of a quiet load."""

import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from shared.contracts.registry import DECLARATIONS, STRUCTURES
from shared.settings import ServiceSettings
from tests.faults.crashing_load import ENDED, LOADING
from tests.faults.flows import TABLES
from tests.homes import PROJECT, TestHome
from tests.oracle import exports
from tests.topics import read_topics

pytestmark = pytest.mark.faults


@pytest.fixture(scope="module")
def feed(home: TestHome, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A territory large enough to be killed in its middle."""
    folder = tmp_path_factory.mktemp("killed") / "feed"
    home.cadran("sample-feed", "--structures", 40, "--years", 2, "--seed", 7, folder)
    return folder


def load(home: TestHome, feed: Path, *nth: object) -> subprocess.CompletedProcess[str]:
    """Load in small chunks, and end at the `nth` if there is one."""
    return subprocess.run(
        [sys.executable, *LOADING, str(feed), *map(str, nth)],
        env=home.environment(),
        cwd=PROJECT,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )


def published(home: TestHome) -> list[dict[str, str]]:
    """The headers of everything on the topics."""
    records = read_topics(home.home.settings(ServiceSettings), (DECLARATIONS, STRUCTURES))
    return [
        {name: value.decode() for name, value in record.headers if value is not None}
        for record in records
    ]


def documents(receipt: dict[str, Any]) -> int:
    return sum(sum(changes.values()) for changes in receipt["documents"].values())


def test_a_load_killed_chunk_after_chunk_publishes_each_document_once(
    home: TestHome, feed: Path
) -> None:
    home.start_workers()
    for nth in (1, 1, 2, 3):
        killed = load(home, feed, nth)
        assert killed.returncode == ENDED, killed.stderr
    receipt = json.loads(load(home, feed).stdout)
    again = home.cadran_json("load", feed, "--wait")
    assert again["published"] == 0
    events = published(home)
    assert len({event["ce_id"] for event in events}) == len(events) == documents(receipt)
    assert len({event["ce_revision"] for event in events}) == 1, "revisions of a resumed load"
    home.cadran("accounts")
    assert {table: home.export_text(table) for table in TABLES} == exports(feed, home.today)


def test_workers_killed_while_a_load_is_killed_and_resumed_in_other_chunks(
    home: TestHome, tmp_path: Path
) -> None:
    """The chunks of another release are not those that were finished: none is skipped."""
    changed = tmp_path / "changed"
    stamp = ("--stamp", "20112026_063000", "--changed", 60)
    home.cadran("sample-feed", "--structures", 40, "--years", 2, "--seed", 7, *stamp, changed)
    assert load(home, changed, 2).returncode == ENDED
    home.stop("etp-worker", signal.SIGKILL)
    home.stop("ingest-worker", signal.SIGKILL)
    assert load(home, changed, 1).returncode == ENDED
    home.start_workers()
    home.cadran("load", changed, "--wait")
    events = published(home)
    assert len({event["ce_id"] for event in events}) == len(events)
    home.cadran("accounts")
    assert {table: home.export_text(table) for table in TABLES} == exports(changed, home.today)
