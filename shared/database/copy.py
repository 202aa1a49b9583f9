"""Rows to COPY's text format: several times faster than binary for rows that hold arrays."""

import io
from collections.abc import Iterable, Sequence
from typing import Any

from pydantic_core import to_json

from shared.database.types import Connection

_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


async def copy_rows(
    connection: Connection, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]
) -> None:
    """COPY rows of numbers, booleans, dates, instants and texts; None is null. An array is the
    text that `array` gives."""
    text = "".join([_line(row) for row in rows])
    await connection.copy_to_table(table, source=io.BytesIO(text.encode()), columns=list(columns))


def array(members: Sequence[object]) -> str:
    """An array's text. Members are numbers or words; None is null. JSON writes them as PostgreSQL
    reads them, but for the brackets."""
    return f"{{{to_json(members).decode()[1:-1]}}}"


def _line(row: Sequence[Any]) -> str:
    return "\t".join([_field(value) for value in row]) + "\n"


def _field(value: Any) -> str:
    if value is None:
        return "\\N"
    return value.translate(_ESCAPES) if isinstance(value, str) else str(value)
