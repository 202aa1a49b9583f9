"""One PostgreSQL server of a stack: loopback TCP only, durable, for bulk work on two cores."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from deploy.local import postgres_binaries as binaries
from deploy.local.errors import StackError
from deploy.local.home import ADMIN_PASSWORD, ADMIN_ROLE, DATABASE, Home
from deploy.local.ports import LOOPBACK
from deploy.local.processes import Account, Process, launch, wait_ready
from deploy.local.processes import stop as stop_process

_READY_SECONDS, _STOP_SECONDS, _ORPHAN_SECONDS = 180.0, 30.0, 30.0
_ELSEWHERE = Path("/var/tmp")  # noqa: S108 — a folder of a name of its own is made there
_STILL_IN_USE = ("is still in use", "lock file")
_SETTINGS = """\
listen_addresses = '{host}'
port = {port}
unix_socket_directories = ''
max_connections = 60
shared_buffers = 256MB
work_mem = 32MB
maintenance_work_mem = 128MB
effective_cache_size = 2GB
random_page_cost = 1.1
jit = off
fsync = on
synchronous_commit = on
full_page_writes = on
wal_compression = {wal_compression}
max_wal_size = 4GB
checkpoint_timeout = 15min
timezone = 'UTC'
lc_messages = 'C'
# Logs are JSON lines and repeat no value: neither statements nor the rows that errors quote.
logging_collector = on
log_destination = 'jsonlog'
log_directory = '{log}'
log_filename = 'postgres.log'
log_rotation_age = 0
log_rotation_size = 0
log_timezone = 'UTC'
log_error_verbosity = terse
log_min_error_statement = panic
log_parameter_max_length = 0
log_parameter_max_length_on_error = 0
"""


def place(home: Home, account: Account | None) -> Path:
    """PostgreSQL's own folder, made if absent (0700, the account's): `HOME/postgres`.

    Where the account cannot enter the home (a 0700 folder of root), it is a folder of
    `/var/tmp`, and `HOME/postgres` a link to it.
    """
    folder = home.postgres
    if folder.is_symlink() and not folder.exists():
        folder.unlink()
    if not folder.exists():
        if binaries.may_enter(home.path, account):
            folder.mkdir(mode=0o700)
        else:
            folder.symlink_to(tempfile.mkdtemp(prefix="cadran-", dir=_ELSEWHERE))
        if account is not None:
            os.chown(folder, account.uid, account.gid)
    return folder.resolve()


def start(home: Home, port: int, record: Callable[[Process], None]) -> None:
    """Start the server on its data (made the first time) and wait until it takes connections.

    `record` is told of the process at once. Data left by a killed server are recovered by
    PostgreSQL itself, whatever the port.
    """
    account = binaries.account()
    folder = place(home, account)
    data = folder / "data"
    made = (data / "PG_VERSION").exists()
    major = int((data / "PG_VERSION").read_text()) if made else None
    programs = binaries.reachable(binaries.find(major), account, folder)
    if not made:
        _create(home, programs, folder, account)
    _link_log(home, folder)
    _forget_stale_lock(data)
    _configure(programs, folder, port, account)
    out = home.logs / "postgres.out"
    argv = [str(programs / "postgres"), "-D", str(data)]
    limit = time.monotonic() + _ORPHAN_SECONDS
    while True:
        begins = out.stat().st_size if out.exists() else 0
        process = launch(argv, env=_environment(), log=out, folder=folder, account=account)
        record(process)
        try:
            wait(home, process)
        except StackError:
            # A killed server's children may still be ending what they were at.
            text = out.read_bytes()[begins:].decode("utf-8", "replace")
            if process.alive or time.monotonic() > limit or not _orphans(text):
                raise
            time.sleep(0.5)
        else:
            return


def wait(home: Home, process: Process) -> None:
    """Wait until that server takes connections, recovery after a kill included."""
    logs = [home.logs / "postgres.out", home.logs / "postgres.jsonl"]
    check = partial(not_ready, home, process)
    wait_ready("PostgreSQL", process, check, seconds=_READY_SECONDS, logs=logs)


def stop(process: Process) -> None:
    """End the server: transactions under way are rolled back, and data flushed."""
    stop_process(process, _STOP_SECONDS, signal.SIGINT)


def not_ready(home: Home, process: Process) -> str | None:
    """Why the server takes no connection, or None: its own lock file says when it does."""
    if not process.alive:
        return "arrêté"
    try:
        lines = (home.postgres / "data" / "postmaster.pid").read_text().splitlines()
    except FileNotFoundError:
        return "démarre"
    ready = lines[:1] == [str(process.pid)] and lines[7:] == ["ready   "]
    return None if ready else "démarre"


def dsn(home: Home, port: int) -> str:
    """The administrator's address, password included."""
    password = (home.secrets / ADMIN_PASSWORD).read_text().strip()
    return f"postgresql://{ADMIN_ROLE}:{password}@{LOOPBACK}:{port}/{DATABASE}"


def _create(home: Home, programs: Path, folder: Path, account: Account | None) -> None:
    """Make the data folder and the database; a folder half made by a killed run is redone."""
    data, draft, password = folder / "data", folder / "data.new", folder / "password"
    shutil.rmtree(draft, ignore_errors=True)
    password.touch(mode=0o600)
    try:
        password.write_text((home.secrets / ADMIN_PASSWORD).read_text())
        if account is not None:
            os.chown(password, account.uid, account.gid)
        options: list[str | Path] = ["--auth=scram-sha-256", "--encoding=UTF8", "--locale=C.UTF-8"]
        options += ["--data-checksums", f"--username={ADMIN_ROLE}", f"--pwfile={password}"]
        options += ["-D", draft]
        _run([programs / "initdb", *options], account, folder)
    finally:
        password.unlink()
    sql = f"CREATE DATABASE {DATABASE};\n"
    _run([programs / "postgres", "--single", "-D", draft, "postgres"], account, folder, sql)
    draft.rename(data)


def _configure(programs: Path, folder: Path, port: int, account: Account | None) -> None:
    file, log = folder / "data" / "postgresql.conf", folder / "log"
    for compression in ("lz4", "pglz"):
        file.write_text(
            _SETTINGS.format(host=LOOPBACK, port=port, wal_compression=compression, log=log)
        )
        check: list[Path | str] = [
            programs / "postgres",
            "-D",
            file.parent,
            "-C",
            "wal_compression",
        ]
        if _ask(check, account, folder).returncode == 0:
            return
    raise StackError(f"PostgreSQL refuse ses réglages : {file}")


def _link_log(home: Home, folder: Path) -> None:
    link, target = home.logs / "postgres.jsonl", folder / "log" / "postgres.json"
    if not link.is_symlink() or link.readlink() != target:
        link.unlink(missing_ok=True)
        link.symlink_to(target)


def _forget_stale_lock(data: Path) -> None:
    """Remove the lock file of a killed server when its pid is another program's since then.

    PostgreSQL sees to the other cases; its processes stand in their data folder.
    """
    lock = data / "postmaster.pid"
    try:
        pid = int(lock.read_text().split("\n", 1)[0])
        owned = Path(f"/proc/{pid}/cwd").readlink() == data
    except (FileNotFoundError, ProcessLookupError, ValueError):
        return
    if not owned:
        lock.unlink()


def _orphans(text: str) -> bool:
    return any(sign in text for sign in _STILL_IN_USE)


def _run(argv: Sequence[Path | str], account: Account | None, folder: Path, text: str = "") -> None:
    done = _ask(argv, account, folder, text)
    if done.returncode != 0:
        name = Path(argv[0]).name
        raise StackError(f"{name} a échoué : {(done.stderr or done.stdout).strip()[-600:]}")


def _ask(
    argv: Sequence[Path | str], account: Account | None, folder: Path, text: str = ""
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        argv,
        input=text,
        env=_environment(),
        cwd=folder,
        user=account.uid if account else None,
        group=account.gid if account else None,
        extra_groups=[] if account else None,
        capture_output=True,
        text=True,
        check=False,
    )


def _environment() -> dict[str, str]:
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C.UTF-8", "TZ": "UTC"}
