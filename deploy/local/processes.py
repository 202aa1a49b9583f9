"""Processes that outlive the command that starts them: started, watched for readiness, ended.

A process is known by its pid and its start instant, so that a pid that the system gave to
another program since is never taken for ours, and never signalled.
"""

import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from deploy.local.errors import StackError

_DETACH = Path(__file__).with_name("detach.py")
_BOOT = Path("/proc/sys/kernel/random/boot_id")
_POLL_SECONDS = 0.05
_TAIL_LINES = 15


@dataclass(frozen=True, slots=True)
class Process:
    """A process of ours; `started` is the system's boot and the clock tick of its start."""

    pid: int
    started: str

    @property
    def alive(self) -> bool:
        """Does it still run? A zombie does not."""
        return self.pid > 0 and _start_of(self.pid) == self.started

    def send(self, number: signal.Signals) -> None:
        """Signal that very process; nothing happens when it is no more."""
        with _handle(self) as handle:
            if handle is not None:
                signal.pidfd_send_signal(handle, number)


@dataclass(frozen=True, slots=True)
class Account:
    """The user and group that a server runs as; None: ours."""

    uid: int
    gid: int
    name: str


def launch(
    argv: Sequence[str],
    *,
    env: Mapping[str, str],
    log: Path,
    folder: Path,
    account: Account | None = None,
) -> Process:
    """Start `argv` on its own, standard outputs appended to `log`."""
    order = {
        "argv": list(argv),
        "env": dict(env),
        "log": str(log),
        "folder": str(folder),
        "user": account.uid if account else None,
        "group": account.gid if account else None,
    }
    done = subprocess.run(
        [sys.executable, "-I", str(_DETACH)],
        input=json.dumps(order),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise StackError(f"{argv[0]} n'a pas pu être lancé : {done.stderr.strip()[-300:]}")
    pid = int(done.stdout)
    return Process(pid, _start_of(pid) or "ended")


def stop(process: Process, seconds: float, first: signal.Signals = signal.SIGTERM) -> bool:
    """End that very process: `first`, then SIGKILL after `seconds`. Did it take SIGKILL?"""
    with _handle(process) as handle:
        if handle is None:
            return False
        signal.pidfd_send_signal(handle, first)
        if _ended(handle, seconds):
            return False
        signal.pidfd_send_signal(handle, signal.SIGKILL)
        _ended(handle, seconds)
        return True


def wait_ready(
    name: str,
    process: Process,
    not_ready: Callable[[], str | None],
    *,
    seconds: float,
    logs: Sequence[Path],
) -> None:
    """Wait until `not_ready()` is None; `StackError` with the logs' ends if it never is."""
    limit = time.monotonic() + seconds
    while (reason := not_ready()) is not None:
        if not process.alive:
            raise StackError(f"{name} s'est arrêté au démarrage.{tail(logs)}")
        if time.monotonic() > limit:
            raise StackError(f"{name} n'est pas prêt après {seconds:.0f} s : {reason}{tail(logs)}")
        time.sleep(_POLL_SECONDS)


def tail(logs: Sequence[Path]) -> str:
    """The last lines of each log that has any, under its path."""
    text = ""
    for log in logs:
        if log.is_file() and (lines := log.read_text("utf-8", "replace").splitlines()):
            text += "\n".join(("", f"--- {log}", *lines[-_TAIL_LINES:]))
    return text


@contextmanager
def _handle(process: Process) -> Iterator[int | None]:
    """The kernel's handle on that very process, which no other can inherit; None if it ended."""
    try:
        handle = os.pidfd_open(process.pid) if process.pid > 0 else None
    except ProcessLookupError:
        handle = None
    try:
        yield handle if process.alive else None
    finally:
        if handle is not None:
            os.close(handle)


def _ended(handle: int, seconds: float) -> bool:
    poll = select.poll()
    poll.register(handle, select.POLLIN)
    return bool(poll.poll(seconds * 1000))


def _start_of(pid: int) -> str | None:
    """When `pid` started; None when it is no more. Fields as in proc(5): 3 state, 22 start."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return None if fields[0] in "ZX" else f"{_BOOT.read_text().strip()}:{fields[19]}"
