"""The stack without Docker: up, mended after kills, side by side with another, down."""

import json
import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from deploy.local import stack
from deploy.local.home import Home
from shared.kafka.topics import create_topics, verify_topics
from shared.settings import ServiceSettings
from tests.servers import Servers, kill

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    """A home under a folder that its owner alone may enter."""
    closed = tmp_path_factory.mktemp("closed")
    closed.chmod(0o700)
    home = Home.at(closed / "stack")
    yield home
    stack.down(home, remove=True)


def cadran(home: Home, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "cli.main", *arguments],
        env={**os.environ, "CADRAN_HOME": str(home.path)},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


def up(home: Home) -> dict[str, int]:
    """`cadran up`, then the pid of each process."""
    done = cadran(home, "up")
    assert done.returncode == 0, done.stderr
    return {row["name"]: row["pid"] for row in stack.status(home)}


@pytest.fixture
def running(home: Home) -> Home:
    """The same home with its stack up."""
    if not home.environment_file.exists() or not all(row["ready"] for row in stack.status(home)):
        up(home)
    return home


async def test_up_makes_all_ready_and_again_changes_nothing(home: Home) -> None:
    pids = up(home)
    assert set(pids) == {
        "postgres",
        "kafka",
        "ingest-worker",
        "etp-worker",
        "modulation-worker",
        "web",
    }
    done = cadran(home, "status", "--json")
    assert done.returncode == 0
    assert {row["name"]: row["pid"] for row in json.loads(done.stdout)["rows"]} == pids
    assert up(home) == pids
    await verify_topics(home.settings(ServiceSettings))


async def test_killed_servers_come_back_on_their_data(home: Home) -> None:
    before, state = up(home), home.read()
    connection = await asyncpg.connect(state["postgres"]["dsn"])
    await connection.execute("CREATE TABLE kept AS SELECT 1 AS one")
    await connection.close()
    for name in ("kafka", "postgres"):
        kill(stack.process_of(state[name]))
    assert cadran(home, "status").returncode == 1
    after = up(home)
    assert {name for name in after if after[name] != before[name]} == {"kafka", "postgres"}
    assert home.read()["kafka"]["bootstrap"] == state["kafka"]["bootstrap"]
    connection = await asyncpg.connect(home.read()["postgres"]["dsn"])
    assert await connection.fetchval("SELECT one FROM kept") == 1
    await connection.close()
    await verify_topics(home.settings(ServiceSettings))


def test_a_killed_worker_alone_comes_back(home: Home) -> None:
    before = up(home)
    (worker,) = [p for p in home.read()["processes"] if p["name"] == "etp-worker"]
    kill(stack.process_of(worker))
    (row,) = [row for row in stack.status(home) if row["name"] == "etp-worker"]
    assert (row["running"], row["ready"], row["reason"]) == (False, False, "arrêté")
    after = up(home)
    assert {name for name in after if after[name] != before[name]} == {"etp-worker"}
    (again,) = [p for p in home.read()["processes"] if p["name"] == "etp-worker"]
    assert again["probe"] == worker["probe"]


async def test_two_stacks_live_side_by_side(running: Home, servers: Servers) -> None:
    state = running.read()
    assert state["kafka"]["bootstrap"] != servers.kafka_bootstrap
    settings = running.settings(ServiceSettings).model_copy(
        update={"kafka_bootstrap": servers.kafka_bootstrap, "topic_prefix": "side-by-side-"}
    )
    await create_topics(settings)
    await verify_topics(settings)
    for dsn in (state["postgres"]["dsn"], servers.admin_dsn):
        connection = await asyncpg.connect(dsn)
        await connection.execute("CREATE TABLE side_by_side (one integer)")
        await connection.close()


async def test_the_database_is_durable_checked_and_asks_for_a_password(running: Home) -> None:
    dsn: str = running.read()["postgres"]["dsn"]
    connection = await asyncpg.connect(dsn)
    settings = {
        name: await connection.fetchval(f"SHOW {name}")
        for name in ("fsync", "synchronous_commit", "data_checksums", "server_encoding")
    }
    await connection.close()
    assert settings == {
        "fsync": "on",
        "synchronous_commit": "on",
        "data_checksums": "on",
        "server_encoding": "UTF8",
    }
    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(dsn.replace(dsn.split(":")[2].split("@", maxsplit=1)[0], "deviné"))


def test_every_log_is_json_lines_and_private_files_are_private(running: Home) -> None:
    for name in ("kafka", "postgres", "ingest-worker", "etp-worker", "web"):
        lines = (running.logs / f"{name}.jsonl").read_text("utf-8").splitlines()
        assert all(isinstance(json.loads(line), dict) for line in lines)
    for path in (running.secrets, running.postgres, running.path / "ingest"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o700


def test_down_leaves_no_process_and_removing_leaves_no_file(running: Home) -> None:
    place, state = running.postgres.resolve(), running.read()
    entries = [state["kafka"], state["postgres"], *state["processes"]]
    processes = [stack.process_of(entry) for entry in entries]
    assert all(process.alive for process in processes)
    assert cadran(running, "down").returncode == 0
    assert not any(process.alive for process in processes)
    assert {row["reason"] for row in stack.status(running)} == {"arrêté"}
    assert cadran(running, "down", "--remove").returncode == 0
    assert not running.path.exists()
    assert not place.exists()


def test_commands_without_a_stack_say_so(home: Home, tmp_path: Path) -> None:
    nothing = Home.at(tmp_path / "nothing")
    assert cadran(nothing, "down").returncode == 0
    done = cadran(nothing, "status")
    assert done.returncode == 3
    assert "lancez « cadran up »" in done.stderr
