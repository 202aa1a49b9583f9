"""A stack of one test module: its own database, topic prefix, home and processes, on the shared
servers. Everything goes through the `cadran` command, as a user's does."""

import asyncio
import csv
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import asyncpg

from cli.projections import balanced
from cli.provision import provision
from deploy.local.home import Home
from shared.settings import ServiceSettings
from tests.servers import Servers

LONG = os.environ.get("CADRAN_FAULTS") == "long"
"""The fault tests in their long form: production's session, longer accidents."""
SESSION_SECONDS = 45 if LONG else 6
READY_SECONDS = 180 if LONG else 60
TODAY = "2026-11-22"
PROJECT = Path(__file__).parents[1]


class TestHome:
    """A home on the shared servers; `today` is the business date of its commands."""

    __test__ = False

    def __init__(self, home: Home, today: str = TODAY) -> None:
        self.home = home
        self.today = today
        self.workers: dict[str, subprocess.Popen[bytes]] = {}
        self._ports: dict[str, int] = {}

    def environment(self, **more: str) -> dict[str, str]:
        """What the processes of this home are told."""
        return {
            **os.environ,
            "CADRAN_HOME": str(self.home.path),
            "CADRAN_TODAY": self.today,
            "CADRAN_TOPIC_PARTITIONS": "4",
            "CADRAN_KAFKA_SESSION_MS": str(1_000 * SESSION_SECONDS),
            **more,
        }

    def cadran(self, *arguments: object, expect: int = 0) -> str:
        """Run a command; its stdout. Any other exit code than `expect` fails the test."""
        done = subprocess.run(
            [sys.executable, "-m", "cli.main", *map(str, arguments)],
            env=self.environment(),
            cwd=PROJECT,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert done.returncode == expect, f"{arguments}: {done.returncode}\n{done.stderr[-3000:]}"
        return done.stdout

    def cadran_json(self, *arguments: object, expect: int = 0) -> Any:
        """Run a command with `--json`; the object that it prints."""
        return json.loads(self.cadran(*arguments, "--json", expect=expect))

    def export(self, table: str, *options: object) -> list[dict[str, str]]:
        """The rows of an export."""
        out = self.home.path / f"{table}.csv"
        self.cadran("export", table, out, *options)
        return read_csv(out)

    def export_text(self, table: str) -> str:
        """An export, to the byte."""
        out = self.home.path / f"{table}.csv"
        self.cadran("export", table, out)
        return out.read_text("utf-8")

    def start(self, name: str, *command: str, **more: str) -> str:
        """Start a process, wait until it is ready; its address."""
        argv = ["-m", "cli.main", "serve", *command]
        argv += ["--port", str(self._port(name))] if command[0] == "web" else []
        self.launch(name, *argv, **more)
        address = self.address(name)
        self.wait_ready(name, address)
        return address

    def launch(self, name: str, *arguments: str, **more: str) -> subprocess.Popen[bytes]:
        """Start Python with `arguments` as process `name`, and wait for nothing."""
        with (self.home.logs / f"{name}.out").open("ab") as log:
            self.workers[name] = subprocess.Popen(
                [sys.executable, *arguments],
                env=self.environment(
                    CADRAN_PROBE_PORT=str(self._port(name)),
                    CADRAN_LOG_FILE=str(self.home.logs / f"{name}.jsonl"),
                    **more,
                ),
                cwd=PROJECT,
                stdout=log,
                stderr=log,
            )
        return self.workers[name]

    def address(self, name: str) -> str:
        """Where process `name` answers."""
        return f"http://127.0.0.1:{self._port(name)}"

    def _port(self, name: str) -> int:
        return self._ports.setdefault(name, free_port())

    def start_workers(self) -> None:
        """The workers that do not run, side by side."""
        names = [f"{service}-worker" for service in ("ingest", "etp", "modulation")]
        for name in names:
            if name not in self.workers:
                service = name.removesuffix("-worker")
                self.launch(name, "-m", "cli.main", "serve", "worker", service)
        for name in names:
            self.wait_ready(name, self.address(name))

    def wait_ready(self, name: str, address: str) -> None:
        """Wait until `/readyz` answers 200, and fail with the reason else."""
        reason = "nothing answered"
        deadline = time.monotonic() + READY_SECONDS
        while time.monotonic() < deadline:
            assert self.workers[name].poll() is None, f"{name} ended: {self.log_tail(name)}"
            try:
                with urllib.request.urlopen(f"{address}/readyz", timeout=5):  # noqa: S310
                    return
            except urllib.error.HTTPError as error:
                reason = error.read().decode()
            except OSError as error:
                reason = str(error)
            time.sleep(0.1)
        raise AssertionError(f"{name} not ready: {reason}\n{self.log_tail(name)}")

    def log_tail(self, name: str) -> str:
        """The end of a process's logs."""
        texts = [
            path.read_text("utf-8")[-3000:]
            for path in (self.home.logs / f"{name}.jsonl", self.home.logs / f"{name}.out")
            if path.exists()
        ]
        return "\n".join(texts)

    def stop(self, name: str, number: int = signal.SIGTERM) -> int:
        """End a process; its exit code."""
        process = self.workers.pop(name)
        process.send_signal(number)
        return process.wait(timeout=40)

    def stop_all(self) -> None:
        """End what still runs."""
        for name in list(self.workers):
            self.stop(name, signal.SIGKILL)


def counted(home: TestHome) -> dict[str, int]:
    """What became of all records, over the partitions."""
    return _sums(home.cadran_json("accounts")["rows"])


def _sums(rows: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    names = ("applied", "stale", "not_for_us", "rejected", "compacted")
    return {name: sum(row[name] for row in rows) for name in names}


def positions(home: TestHome, *services: str) -> list[dict[str, Any]]:
    """The position rows of services; a command would take a second of two processors to say it."""

    async def read() -> list[dict[str, Any]]:
        connection = await asyncpg.connect(home.home.read()["postgres"]["dsn"])
        rows = [
            row
            for service in services
            for row in await connection.fetch(
                f"SELECT * FROM {service}_projection.consumer_position"  # noqa: S608
            )
        ]
        await connection.close()
        return [dict(row) for row in rows]

    return asyncio.run(read())


def wait_for_records(home: TestHome, total: int) -> dict[str, int]:
    """Wait until each projection whose worker runs has accounted for `total` records; what became
    of them, over the projections, read as `cadran accounts` does."""
    services = [name for name in ("etp", "modulation") if f"{name}-worker" in home.workers]
    assert services, "nobody reads records"
    deadline = time.monotonic() + READY_SECONDS
    while True:
        read = {service: positions(home, service) for service in services}
        if min(map(_passed, read.values())) >= total or time.monotonic() > deadline:
            break
        time.sleep(0.1)
    rows = [row for service in services for row in read[service]]
    assert all(map(balanced, rows)), rows
    return _sums(rows)


def _passed(rows: Sequence[Mapping[str, Any]]) -> int:
    return sum(row["next_offset"] - row["first_offset"] for row in rows)


@contextmanager
def new_home(servers: Servers, secrets: Path, path: Path, name: str) -> Iterator[TestHome]:
    """A provisioned home: database and topics of its own, roles and secrets of the run."""
    home = Home(path)
    path.mkdir(parents=True)
    shutil.copytree(secrets, home.secrets)
    home.prepare()
    database = f"test_{name}"
    _create_database(servers.admin_dsn, database)
    address, _, _ = servers.admin_dsn.rpartition("/")
    home.update(
        kafka={"bootstrap": servers.kafka_bootstrap, "pid": 0},
        postgres={"dsn": f"{address}/{database}", "pid": 0},
        topic_prefix=f"{name}-",
        database=database,
    )
    test_home = TestHome(home)
    former = dict(os.environ)
    os.environ["CADRAN_TOPIC_PARTITIONS"] = "4"
    try:
        provision(home.settings(ServiceSettings), home.read()["postgres"]["dsn"])
    finally:
        os.environ.clear()
        os.environ.update(former)
    try:
        yield test_home
    finally:
        test_home.stop_all()


def _create_database(admin_dsn: str, database: str) -> None:

    async def create() -> None:
        connection = await asyncpg.connect(admin_dsn)
        await connection.execute(f'CREATE DATABASE "{database}"')
        await connection.close()

    asyncio.run(create())


def read_csv(path: Path) -> list[dict[str, str]]:
    """The rows of a CSV."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def free_port() -> int:
    """A port that nothing listens on now."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port
