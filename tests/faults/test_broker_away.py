"""Kafka stopped, killed, not there yet: services and loads wait, say why, and go on."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.faults.crashing_load import LOADING
from tests.faults.flows import SECONDS, TABLES
from tests.faults.probes import liveness, readiness, wait_unready
from tests.homes import LONG, PROJECT, TestHome
from tests.oracle import exports
from tests.servers import Servers

pytestmark = pytest.mark.faults
AWAY_SECONDS = 60 if LONG else 10
STOP_SECONDS = 30
"""Within this a worker ends on SIGTERM, whatever is away."""
WORKERS = ("ingest-worker", "etp-worker")


@pytest.fixture
def broker(servers: Servers) -> Iterator[Servers]:
    """The broker serves again after the test, whatever happened."""
    yield servers
    servers.start_kafka()


@contextmanager
def loading(home: TestHome, feed: Path) -> Iterator[subprocess.Popen[str]]:
    """A load in small chunks that waits as soon as 50 events are not published."""
    with subprocess.Popen(
        [sys.executable, *LOADING, str(feed)],
        env=home.environment(CADRAN_OUTBOX_MAX_ROWS="50"),
        cwd=PROJECT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


@pytest.mark.parametrize("accident", [("stop_kafka", "08", 0), ("kill_kafka", "15", 60)])
def test_a_load_waits_while_the_broker_is_away_and_nothing_is_lost(
    home: TestHome, broker: Servers, tmp_path: Path, accident: tuple[str, str, int]
) -> None:
    end, day, changed = accident
    feed = tmp_path / "feed"
    options = ("--stamp", f"{day}112026_063000", "--changed", changed)
    home.cadran("sample-feed", "--structures", 25, "--years", 2, "--seed", 5, *options, feed)
    if not home.workers:
        home.start_workers()
    getattr(broker, end)()
    back_at = time.monotonic() + AWAY_SECONDS
    with loading(home, feed) as load:
        assert load.stderr is not None
        assert "événements attendent d'être publiés sur Kafka" in load.stderr.readline()
        wait_unready(home, "etp-worker", "Kafka ne répond pas")
        if LONG:
            wait_unready(home, "ingest-worker", "publication interrompue")
        time.sleep(max(0.0, back_at - time.monotonic()))
        assert load.poll() is None
        assert {name: liveness(home.address(name)) for name in WORKERS} == dict.fromkeys(
            WORKERS, ""
        )
        broker.start_kafka()
        receipt = json.loads(load.communicate(timeout=SECONDS)[0])
    assert receipt["published"]
    assert home.cadran_json("load", feed, "--wait")["published"] == 0
    home.cadran("accounts")
    assert {table: home.export_text(table) for table in TABLES} == exports(feed, home.today)
    for name in WORKERS:
        home.wait_ready(name, home.address(name))


def test_workers_end_in_time_while_the_broker_is_away(home: TestHome, broker: Servers) -> None:
    if not home.workers:
        home.start_workers()
    broker.kill_kafka()
    for name in WORKERS:
        home.workers[name].send_signal(signal.SIGTERM)
    for name in WORKERS:
        assert home.workers.pop(name).wait(STOP_SECONDS) == 0


def test_workers_started_before_broker_and_database_wait_and_say_why(
    home: TestHome, broker: Servers
) -> None:
    broker.kill_kafka()
    for name in WORKERS:
        home.launch(name, "-m", "cli.main", "serve", "worker", name.partition("-")[0])
    wait_unready(home, "ingest-worker", "publication interrompue")
    wait_unready(home, "etp-worker", "en attente de Kafka ou de PostgreSQL")
    broker.stop_postgres()
    broker.start_kafka()
    for name in WORKERS:
        assert readiness(home.address(name))
        assert not liveness(home.address(name))
    broker.start_postgres()
    for name in WORKERS:
        home.wait_ready(name, home.address(name))
        assert home.stop(name) == 0
