"""Tables as people and machines receive them: one definition of the columns for CSV and JSON.

A table is a `NamedTuple` whose fields are `Annotated[type, format, French description]`; a field
name that Python reserves ends with `_`, which the column drops. Conventions of the CSV: UTF-8,
comma, point, LF, header, empty = undefined. In JSON decimals are the same texts.
"""

import csv
import io
import os
import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any, Final, get_args, get_type_hints

from pydantic import BaseModel, Field, create_model

from shared.numbers import cut, exact, plain, rounded

Table = type[tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Format:
    """How the values of a column are written; None is written empty (CSV) or null (JSON)."""

    text: Callable[[Any], str]
    json: Callable[[Any], Any]
    json_type: type
    example: Any


def _text(text: Callable[[Any], str], example: str) -> Format:
    return Format(text, text, str, example)


def _decimals(places: int, example: str) -> Format:
    return _text(lambda value: rounded(value, places), example)


def _itself(value: Any) -> Any:
    return value


NUMBER: Final = Format(str, _itself, int, 2001)
TEXT: Final = Format(str, _itself, str, "ACI")
FLAG: Final = Format(lambda value: "true" if value else "false", _itself, bool, example=True)
DATE: Final = Format(date.isoformat, date.isoformat, date, "2026-01-01")
INSTANT: Final = Format(
    datetime.isoformat, datetime.isoformat, datetime, "2026-11-08T06:30:04.000000+00:00"
)
ETP: Final = _decimals(6, "10.002198")
RATE: Final = _decimals(6, "1.000220")
HOURS: Final = _decimals(2, "1517.00")
EUROS: Final = _decimals(2, "23921.00")
INDEX: Final = _decimals(9, "1.375000000")
LEVEL: Final = _decimals(20, "0.05000000000000000000")
PERCENT_CUT: Final = _text(lambda value: cut(value, 6), "6.875000")
EXACT: Final = _text(exact, "1966/1607")
DECIMAL: Final = _text(plain, "16.5")


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its name, its format, what it means (in French)."""

    name: str
    format: Format
    meaning: str
    optional: bool


@cache
def columns(table: Table) -> tuple[Column, ...]:
    """The columns of a table, in order."""
    hints = get_type_hints(table, include_extras=True)
    return tuple(
        Column(name.rstrip("_"), form, meaning, type(None) in get_args(hint.__origin__))
        for name, hint in hints.items()
        for form, meaning in [hint.__metadata__]
    )


def item(row: tuple[Any, ...]) -> dict[str, Any]:
    """A row as a JSON object: numbers, booleans, texts and nulls."""
    return {
        column.name: None if value is None else column.format.json(value)
        for column, value in zip(columns(type(row)), row, strict=True)
    }


def item_fields(table: Table) -> dict[str, Any]:
    """The columns of a table as pydantic field definitions."""
    return {
        column.name: (
            column.format.json_type | None if column.optional else column.format.json_type,
            Field(description=column.meaning, examples=[column.format.example]),
        )
        for column in columns(table)
    }


def item_model(table: Table, name: str, **more: Any) -> type[BaseModel]:
    """The model of `item`'s objects for OpenAPI; `more` are pydantic field definitions, which
    replace those of columns."""
    model: type[BaseModel] = create_model(name, **{**item_fields(table), **more})
    return model


class CsvWriter:
    """Writes a table's header, then its rows as they come; `count` is how many rows."""

    def __init__(self, file: io.TextIOBase, table: Table) -> None:
        self._writers = tuple(column.format.text for column in columns(table))
        self._csv = csv.writer(file, lineterminator="\n")
        self._csv.writerow(column.name for column in columns(table))
        self.count = 0

    def write(self, rows: Sequence[tuple[Any, ...]]) -> None:
        """Add rows."""
        writers = self._writers
        self._csv.writerows(
            ["" if value is None else text(value) for text, value in zip(writers, row, strict=True)]
            for row in rows
        )
        self.count += len(rows)


@contextmanager
def csv_file(path: Path, table: Table) -> Iterator[CsvWriter]:
    """A CSV at `path`: whole once the block ends, untouched when it fails.

    What is not a regular file (a pipe, `/dev/stdout`) is written as it comes.
    """
    if path.exists() and not path.is_file():
        with path.open("w", encoding="utf-8", newline="") as file:
            yield CsvWriter(file, table)
        return
    target = path.resolve()
    draft = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
    try:
        with draft.open("x", encoding="utf-8", newline="") as file:
            yield CsvWriter(file, table)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(target)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
