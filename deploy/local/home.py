"""`CADRAN_HOME`: the folder that holds a whole stack, and `cadran.json`, which describes it.

Everything private is readable by its owner alone: folders 0700, files 0600.
"""

import fcntl
import json
import mailbox
import os
import secrets
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from deploy.local.errors import MissingOnMachineError, StackError
from shared.auth.keys import create_key_pairs
from shared.settings import ServiceSettings

Settings = TypeVar("Settings", bound=ServiceSettings)

DATABASE = "cadran"
ADMIN_ROLE = "postgres"
ADMIN_PASSWORD = "postgres-admin.password"  # noqa: S105 — the name of a file
PASSWORD_FILES = (
    ADMIN_PASSWORD,
    "postgres-ingest.password",
    "postgres-etp.password",
    "postgres-modulation.password",
)
PERSON_HASH_KEY = "person-hash.key"
_STATE, _LOCK = "cadran.json", ".lock"
_PRIVATE = ("secrets", "kafka", "ingest")
_ENTRIES = (
    *_PRIVATE,
    "logs",
    "postgres",
    "mailbox",
    "sample-feed",
    "sample-feed.new",
    _STATE,
    _LOCK,
)


@dataclass(frozen=True, slots=True)
class Home:
    """One stack's folder; `path` is absolute."""

    path: Path

    @classmethod
    def at(cls, path: str | os.PathLike[str] | None = None) -> "Home":
        """The home at `path`, else at `CADRAN_HOME`, else `./var`."""
        return cls(Path(path or os.environ.get("CADRAN_HOME") or "var").expanduser().resolve())

    @property
    def secrets(self) -> Path:
        """The folder of secret files."""
        return self.path / "secrets"

    @property
    def logs(self) -> Path:
        """The folder of logs, `<process>.jsonl`."""
        return self.path / "logs"

    @property
    def kafka(self) -> Path:
        """Kafka's folder: configuration and data."""
        return self.path / "kafka"

    @property
    def postgres(self) -> Path:
        """PostgreSQL's folder, or a link to it where that server may go (see `postgres.place`)."""
        return self.path / "postgres"

    @property
    def environment_file(self) -> Path:
        """`cadran.json`."""
        return self.path / _STATE

    def prepare(self) -> None:
        """Make the folders, the secrets and `cadran.json`; what is there is kept."""
        self.path.mkdir(parents=True, exist_ok=True)
        for name in _PRIVATE:
            (self.path / name).mkdir(mode=0o700, exist_ok=True)
        self.logs.mkdir(exist_ok=True)
        make_secrets(self.secrets)
        mailbox.Maildir(str(self.path / "mailbox"), create=True)
        if not self.environment_file.exists():
            self.write(
                {
                    "url": "",
                    "mailbox": str(self.path / "mailbox"),
                    "kafka": {"bootstrap": "", "pid": 0},
                    "postgres": {"dsn": "", "pid": 0},
                    "processes": [],
                    "accounts": [],
                    "clients": [],
                    "topic_prefix": os.environ.get("CADRAN_TOPIC_PREFIX", ""),
                    "database": DATABASE,
                }
            )

    def read(self) -> dict[str, Any]:
        """The content of `cadran.json`; `MissingOnMachineError` when there is no stack here."""
        try:
            state: dict[str, Any] = json.loads(self.environment_file.read_text("utf-8"))
        except FileNotFoundError:
            raise MissingOnMachineError(
                f"aucune pile dans {self.path} : lancez « cadran up »"
            ) from None
        return state

    def write(self, state: Mapping[str, Any]) -> None:
        """Replace `cadran.json`, whole or not at all."""
        write_private(self.environment_file, json.dumps(state, indent=2, ensure_ascii=False) + "\n")

    def update(self, **changes: Any) -> None:
        """Replace some keys of `cadran.json`."""
        self.write({**self.read(), **changes})

    def environment(self) -> dict[str, str]:
        """The `CADRAN_*` variables of this stack's processes; `StackError` when never started."""
        state = self.read()
        if not state["kafka"]["bootstrap"] or not state["postgres"]["dsn"]:
            raise StackError(f"la pile de {self.path} n'a jamais démarré : lancez « cadran up »")
        host, _, port = (
            state["postgres"]["dsn"].rpartition("@")[2].partition("/")[0].rpartition(":")
        )
        return {
            "CADRAN_HOME": str(self.path),
            "CADRAN_SECRETS": str(self.secrets),
            "CADRAN_KAFKA_BOOTSTRAP": state["kafka"]["bootstrap"],
            "CADRAN_TOPIC_PREFIX": state["topic_prefix"],
            "CADRAN_POSTGRES_HOST": host,
            "CADRAN_POSTGRES_PORT": port,
            "CADRAN_POSTGRES_DATABASE": state["database"],
        }

    def settings(self, kind: type[Settings]) -> Settings:
        """The settings of this stack, as its processes read them from their environment."""
        fields: dict[str, Any] = {
            name.removeprefix("CADRAN_").lower(): value
            for name, value in self.environment().items()
        }
        return kind(**fields)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """One `up` or `down` at a time on this home: the others wait for their turn."""
        self.path.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self.path / _LOCK, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

    def remove(self) -> list[str]:
        """Delete what a stack put here, PostgreSQL's folder elsewhere included, then the home.

        Files of other origin stay, and their names are returned.
        """
        if self.postgres.is_symlink():
            shutil.rmtree(self.postgres.readlink(), ignore_errors=True)
        for name in _ENTRIES:
            entry = self.path / name
            if entry.is_dir() and not entry.is_symlink():
                shutil.rmtree(entry)
            else:
                entry.unlink(missing_ok=True)
        left = sorted(entry.name for entry in self.path.iterdir())
        if not left:
            self.path.rmdir()
        return left


def make_secrets(folder: Path) -> None:
    """Make the secret files that `folder` lacks: passwords, hash key, signing keys."""
    for name in PASSWORD_FILES:
        if not (folder / name).exists():
            write_private(folder / name, secrets.token_urlsafe(24))
    if not (folder / PERSON_HASH_KEY).exists():
        write_private(folder / PERSON_HASH_KEY, secrets.token_hex(32))
    create_key_pairs(folder)


def write_private(path: Path, content: str) -> None:
    """Write a file of mode 0600, whole or not at all."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
