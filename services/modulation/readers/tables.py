"""A small CSV of ours: UTF-8, comma, a header; columns by name, cells checked one by one."""

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Final, NamedTuple, TextIO

LONGEST_NUMBER: Final = 400
"""Characters; longer ones are refused before they are read."""

_INTEGER: Final = re.compile(r"-?[0-9]{1,18}", re.ASCII)
_ID: Final = re.compile(r"0|[1-9][0-9]{0,17}", re.ASCII)
_EXACT: Final = re.compile(r"-?[0-9]+(?:\.[0-9]+|/[0-9]+)?", re.ASCII)


class Fault(NamedTuple):
    """Why a file is refused, in French: the line (of text, the header is 1) and the column, where
    they are known."""

    line: int | None
    column: str | None
    reason: str


class UnreadableTableError(Exception):
    """A file that is refused whole, with every fault found."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__(faults)
        self.faults = faults


class UnreadableCellError(ValueError):
    """A cell that does not read; its text is the reason in French."""


@dataclass(frozen=True, slots=True)
class Table:
    """Rows by line of text, each with the known columns; `ignored` are the unknown ones."""

    rows: Sequence[tuple[int, Mapping[str, str]]]
    ignored: Sequence[str]


def read_table(path: Path, names: Sequence[str]) -> Table:
    """The rows of a CSV that has at least the columns `names`, in any order; blank lines are none.

    Raises `UnreadableTableError` for a file that is no such table.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            lines = _lines(file)
            _, header = next(lines, (1, []))
            columns = [name.strip() for name in header]
            _check_header(columns, names)
            rows = list(lines)
    except UnicodeDecodeError:
        raise UnreadableTableError([Fault(None, None, "le fichier n'est pas en UTF-8")]) from None
    except csv.Error:
        raise UnreadableTableError([Fault(None, None, "le fichier n'est pas un CSV")]) from None
    except OSError as error:
        reason = f"le fichier ne peut être lu ({type(error).__name__})"
        raise UnreadableTableError([Fault(None, None, reason)]) from None
    faults = [
        Fault(line, None, f"{len(cells)} cellules au lieu de {len(columns)}")
        for line, cells in rows
        if len(cells) != len(columns)
    ]
    if faults:
        raise UnreadableTableError(faults)
    kept = [place for place, name in enumerate(columns) if name in names]
    return Table(
        [(line, {columns[place]: cells[place].strip() for place in kept}) for line, cells in rows],
        [name for name in columns if name not in names],
    )


def _lines(file: TextIO) -> Iterator[tuple[int, list[str]]]:
    """Rows that are not blank, each with its first line of text."""
    reader, first = csv.reader(file, strict=True), 1
    for cells in reader:
        if cells:
            yield first, cells
        first = reader.line_num + 1


def _check_header(columns: Sequence[str], names: Sequence[str]) -> None:
    faults = [Fault(1, name, "colonne absente") for name in names if name not in columns]
    faults += [Fault(1, name, "colonne en double") for name in names if columns.count(name) > 1]
    if faults:
        raise UnreadableTableError(faults)


def integer(text: str) -> int:
    """An integer of at most 18 digits."""
    if not _INTEGER.fullmatch(text):
        raise UnreadableCellError(f"nombre entier illisible : {_shown(text)}")
    return int(text)


def identifier(text: str) -> int:
    """An identifier of the ASP: digits, without a zero before them."""
    if not _ID.fullmatch(text):
        raise UnreadableCellError(f"identifiant illisible : {_shown(text)}")
    return int(text)


def exact_number(text: str) -> Fraction | None:
    """An integer, a decimal number or a fraction (`1966/1607`), exactly; None when empty."""
    if not text:
        return None
    if len(text) > LONGEST_NUMBER:
        raise UnreadableCellError(f"nombre de plus de {LONGEST_NUMBER} caractères")
    if not _EXACT.fullmatch(text):
        raise UnreadableCellError(f"nombre illisible : {_shown(text)}")
    try:
        return Fraction(text)
    except ZeroDivisionError:
        raise UnreadableCellError(f"fraction de dénominateur nul : {_shown(text)}") from None


def _shown(text: str) -> str:
    return f"« {text[:40]} »" if text else "vide"
