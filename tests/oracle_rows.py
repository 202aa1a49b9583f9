"""Rows of one file of the ASP's feed: decompressed, put together line by line, counted."""

import gzip
import io
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

Row = dict[str, str]


class RefusedError(ValueError):
    """A file that a delivery may not hold."""


def text_of(path: Path) -> str:
    """The text behind the name, whatever its packing; without byte order mark."""
    content = path.read_bytes()
    if content.startswith(b"\x1f\x8b"):
        content = gzip.decompress(content)
    elif content.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            content = archive.read(archive.namelist()[0])
    return content.decode("utf-8-sig")


def view_rows(feed: Path, view: str) -> list[Row]:
    """Rows of a view that have the header's number of columns, values without outer spaces.

    No file, no row. `RefusedError` when there are two files, or `FIN` lacks or counts otherwise.
    """
    paths = [path for path in feed.iterdir() if path.name.startswith(f"fluxIAE_{view}_")]
    if not paths:
        return []
    if len(paths) > 1:
        raise RefusedError(f"{view}: two files")
    lines = [line.removesuffix("\r") for line in text_of(paths[0]).split("\n")]
    while lines and not lines[-1]:
        lines.pop()
    end = re.fullmatch(r"FIN([0-9]+)\|*", lines[-1]) if lines else None
    if end is None or not lines[0].startswith("DEB"):
        raise RefusedError(f"{view}: DEB or FIN lacks")
    header = [name.strip() for name in lines[1].split("|")]
    rows = list(put_together(lines[2:-1], len(header)))
    if len(rows) != int(end[1]):
        raise RefusedError(f"{view}: {len(rows)} rows, FIN says {end[1]}")
    cells = [row.split("|") for row in rows]
    return [
        dict(zip(header, (cell.strip() for cell in row), strict=True))
        for row in cells
        if len(row) == len(header)
    ]


def put_together(lines: list[str], columns: int) -> Iterator[str]:
    """Each row of the file once, as one text; a broken one has another number of columns."""
    current: str | None = None
    for line in lines:
        if current is None:
            current = line
        elif width(current) < columns and width(line) < columns:
            joined = f"{current} {line}"
            if width(joined) <= columns:
                current = joined
            else:
                yield current
                current = line
        elif width(current) >= columns and "|" not in line:
            current = f"{current} {line}"
        else:
            yield current
            current = line
    if current is not None:
        yield current


def width(line: str) -> int:
    """Columns of a line."""
    return line.count("|") + 1
