"""A reader of its own for the sample's files: split on LF, join pieces, nothing more."""

import gzip
from dataclasses import dataclass
from pathlib import Path

MID_SIZED = 400
"""Structures of the mid-sized sample: enough for every planted difficulty."""


@dataclass(frozen=True)
class View:
    """One file of a delivery, as text: its frame, and its rows as lists of values."""

    first: str
    columns: list[str]
    rows: list[list[str]]
    last: str

    def dicts(self) -> list[dict[str, str]]:
        """The rows that have the header's number of columns, by column name."""
        whole = [row for row in self.rows if len(row) == len(self.columns)]
        return [dict(zip(self.columns, row, strict=True)) for row in whole]


def read_view(folder: Path, view: str) -> View:
    (path,) = folder.glob(f"fluxIAE_{view}_*.csv.gz")
    lines = gzip.decompress(path.read_bytes()).decode("utf-8").removesuffix("\n").split("\n")
    columns = lines[1].split("|")
    rows: list[list[str]] = []
    piece = ""
    for line in lines[2:-1]:
        piece = f"{piece} {line}" if piece else line
        if "|" not in line and rows and not piece.startswith("|") and piece == line:
            rows[-1][-1] += f" {line}"
            piece = ""
        elif piece.count("|") >= len(columns) - 1:
            rows.append(piece.split("|"))
            piece = ""
    assert piece == ""
    return View(lines[0], columns, rows, lines[-1])
