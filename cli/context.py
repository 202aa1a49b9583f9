"""What every command needs: the settings of the stack it speaks to, and how it speaks."""

import asyncio
import errno
import json
import os
from collections.abc import Coroutine, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import typer
from pydantic import ValidationError
from rich.console import Console
from rich.table import Column, Table

from deploy.local.errors import StackError
from deploy.local.home import Home
from shared.database.faults import UNAVAILABLE as POSTGRES_AWAY
from shared.kafka.cluster import UNAVAILABLE as KAFKA_AWAY
from shared.settings import MissingSecretError, ServiceSettings

Settings = TypeVar("Settings", bound=ServiceSettings)
Result = TypeVar("Result")

FAULT, REFUSED, MISSING = 1, 2, 3
_OF_FILES = frozenset({errno.EACCES, errno.EDQUOT, errno.EIO, errno.ENOSPC, errno.EROFS})
"""Where PostgreSQL's absence and a file's fault are one class of exceptions."""
WITHOUT_TERMINAL = 10_000
"""Columns of a table that is read by no eye: a file or another command."""


def settings(kind: type[Settings]) -> Settings:
    """Settings of the stack in `CADRAN_HOME`, else of the environment (containers).

    Exits with 3, in French, when there is neither.
    """
    home = Home.at()
    try:
        if home.environment_file.is_file():
            return home.settings(kind)
        if "CADRAN_KAFKA_BOOTSTRAP" in os.environ:
            return kind()
    except StackError as error:
        fail(str(error), error.exit_code)
    except ValidationError as error:
        names = ", ".join(str(fault["loc"][0]) for fault in error.errors(include_input=False))
        fail(f"réglages CADRAN_* absents ou illisibles : {names}", MISSING)
    fail(f"aucune pile dans {home.path} : lancez « cadran up »", MISSING)


def secrets_folder() -> Path:
    """The folder of secrets of this stack."""
    return settings(ServiceSettings).secrets


def run(work: Coroutine[Any, Any, Result]) -> Result:
    """Run to the end; what lacks exits as `lacking` says."""
    with lacking():
        return asyncio.run(work)


@contextmanager
def lacking() -> Iterator[None]:
    """A broker, a database, a file or a secret that lacks exits with 1 or 3, in French."""
    try:
        yield
    except MissingSecretError as error:
        fail(str(error), MISSING)
    except (*POSTGRES_AWAY, *KAFKA_AWAY) as error:
        if isinstance(error, OSError) and error.errno in _OF_FILES:
            fail(f"lecture ou écriture impossible ({errno.errorcode[error.errno]})", FAULT)
        fail(f"Kafka ou PostgreSQL ne répond pas ({type(error).__name__})", FAULT)


def say(text: str) -> None:
    """A message for people, on stderr."""
    typer.echo(text, err=True)


def fail(text: str, code: int) -> NoReturn:
    """A message for people, and the exit code that says what kind of failure it is."""
    say(text)
    raise typer.Exit(code)


def print_object(value: Mapping[str, Any]) -> None:
    """One JSON object on stdout."""
    typer.echo(json.dumps(value, ensure_ascii=False, default=str))


def print_rows(rows: Sequence[Mapping[str, Any]], columns: Sequence[str], *, as_json: bool) -> None:
    """A table: `{"rows": […]}` on stdout with `--json`, else drawn for people."""
    if as_json:
        print_object({"rows": [{name: row[name] for name in columns} for row in rows]})
        return
    cells = (["" if row[name] is None else str(row[name]) for name in columns] for row in rows)
    draw_table(columns, cells)


def draw_table(columns: Sequence[str], rows: Iterable[Iterable[str]]) -> None:
    """A table for people on stdout, no cell cut: folded on a terminal, else as wide as it is."""
    table = Table(*(Column(name, overflow="fold") for name in columns))
    for row in rows:
        table.add_row(*row)
    console = Console()
    if not console.is_terminal:
        console.width = WITHOUT_TERMINAL
    console.print(table)


def write_generated(output: Path, text: str, *, command: str, check: bool) -> None:
    """Write a generated file; with `check`, exit 1 when it is not up to date."""
    if not check:
        output.parent.mkdir(parents=True, exist_ok=True)
        output.write_text(text, "utf-8")
        say(f"{output} écrit.")
    elif not output.is_file() or output.read_text("utf-8") != text:
        fail(f"{output} n'est pas à jour : lancez « {command} ».", FAULT)
