"""Processes of ours: told apart from others of the same pid, ended, explained when they fail."""

import os
import signal
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from deploy.local.errors import StackError
from deploy.local.processes import Process, launch, stop, wait_ready

DEAF = """
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("sourd", flush=True)
time.sleep(60)
"""


def start(folder: Path, code: str) -> Process:
    argv = [sys.executable, "-c", code]
    return launch(argv, env=dict(os.environ), log=folder / "log", folder=folder)


@pytest.fixture
def sleeper(tmp_path: Path) -> Iterator[Process]:
    process = start(tmp_path, "import time; time.sleep(60)")
    yield process
    stop(process, 0, signal.SIGKILL)


def test_a_process_is_a_leader_of_its_own_and_init_s_child(sleeper: Process) -> None:
    assert sleeper.alive
    assert os.getsid(sleeper.pid) == sleeper.pid
    assert f"\nPPid:\t{os.getpid()}\n" not in Path(f"/proc/{sleeper.pid}/status").read_text()


def test_a_recycled_pid_is_never_signalled(sleeper: Process) -> None:
    former = replace(sleeper, started="another-boot:1")
    assert not former.alive
    assert stop(former, 1, signal.SIGKILL) is False
    former.send(signal.SIGKILL)
    assert sleeper.alive


def test_stopping_asks_first(sleeper: Process) -> None:
    assert stop(sleeper, 20) is False
    assert not sleeper.alive
    assert stop(sleeper, 20) is False


def test_a_deaf_process_is_killed(tmp_path: Path) -> None:
    process = start(tmp_path, DEAF)
    log = tmp_path / "log"
    wait_ready("sourd", process, lambda: None if log.read_text() else "", seconds=20, logs=[log])
    assert stop(process, 0.2) is True
    assert not process.alive


def test_no_process_is_not_alive() -> None:
    assert not Process(0, "").alive
    assert stop(Process(0, ""), 1) is False


def test_a_failed_start_shows_the_end_of_the_log(tmp_path: Path) -> None:
    process = start(tmp_path, "import sys; sys.exit('le port est pris')")
    with pytest.raises(StackError, match=r"(?s)essai s'est arrêté.*le port est pris"):
        wait_ready("essai", process, lambda: "démarre", seconds=20, logs=[tmp_path / "log"])


def test_a_start_that_never_ends_is_bounded(sleeper: Process, tmp_path: Path) -> None:
    with pytest.raises(StackError, match="pas prêt après 0 s : sujet absent"):
        wait_ready("essai", sleeper, lambda: "sujet absent", seconds=0, logs=[])


def test_a_missing_program_is_told(tmp_path: Path) -> None:
    with pytest.raises(StackError, match="n'a pas pu être lancé"):
        launch(["/nowhere/java"], env={}, log=tmp_path / "log", folder=tmp_path)
