"""Broken lines: physical lines → rows (domain rule "Broken lines" of the feed).

A row has exactly the header's number of columns. A line with fewer is a piece, joined by a space
to the next ones until the number is reached; a piece without any bar after a row that has its
columns belongs to that row's last field; a blank line is an empty piece. A line with all the
columns, or a join that would pass their number, ends the row in pieces, which is then a misfit.
A line with more columns is a misfit too, and the pieces without a bar after it are its own.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from services.ingest.readers.limits import MAX_ROW_BYTES

Misfit = tuple[int, int]
"""A row of another number of columns than the header's: its physical line, its columns."""


class RowTooLongError(Exception):
    """A row whose pieces never end."""


@dataclass(slots=True)
class OpenRow:
    """The last row read, which the next lines may still lengthen. `line` is the physical line
    of its first piece, `bars` the separators found so far."""

    line: int
    pieces: list[bytes]
    bars: int
    size: int

    def add(self, piece: bytes, bars: int) -> None:
        """Join one more physical line."""
        self.pieces.append(piece)
        self.bars += bars
        self.size += 1 + len(piece)
        if self.size > MAX_ROW_BYTES:
            raise RowTooLongError


@dataclass(slots=True)
class Mended:
    """Rows of the header's number of columns, the physical line of each, and the misfits;
    `bars` are the header's."""

    bars: int
    rows: list[bytes] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    misfits: list[Misfit] = field(default_factory=list)

    def close(self, row: OpenRow | None) -> None:
        """Count `row`, that nothing lengthens any more."""
        if row is None:
            return
        if row.bars == self.bars:
            self.rows.append(b" ".join(row.pieces))
            self.lines.append(row.line)
        else:
            self.misfits.append((row.line, row.bars + 1))


def mend(
    lines: Sequence[bytes], first_line: int, bars: int, open_row: OpenRow | None
) -> tuple[Mended, OpenRow | None]:
    """The rows of `lines` but the last, which stays open for the lines to come.

    `first_line` is the physical number of the first line, `bars` the header's separators,
    `open_row` what the lines before left open. Only lines whose number of bars is not the
    header's are looked at one by one. Raises `RowTooLongError`.
    """
    mended = Mended(bars)
    taken = 0
    odd = [place for place, line in enumerate(lines) if line.count(b"|") != bars]
    for place in (*odd, len(lines)):
        if place > taken:
            last = place - 1
            mended.close(open_row)
            mended.rows.extend(lines[taken:last])
            mended.lines.extend(range(first_line + taken, first_line + last))
            open_row = OpenRow(first_line + last, [lines[last]], bars, len(lines[last]))
        if place < len(lines):
            open_row = _take_odd(mended, lines[place], first_line + place, open_row)
        taken = place + 1
    return mended, open_row


def _take_odd(mended: Mended, piece: bytes, line: int, open_row: OpenRow | None) -> OpenRow:
    """A line without the header's number of bars: it lengthens the row before it, or ends it."""
    found = piece.count(b"|")
    if open_row is not None:
        bars = mended.bars
        fits = found == 0 if open_row.bars >= bars else open_row.bars + found <= bars
        if fits:
            open_row.add(piece, found)
            return open_row
    mended.close(open_row)
    return OpenRow(line, [piece], found, len(piece))
