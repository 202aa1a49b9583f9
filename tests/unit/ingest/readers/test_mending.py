"""Broken lines, sentence by sentence, then against a naive reading line by line."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ingest.readers.limits import MAX_ROW_BYTES
from services.ingest.readers.mending import OpenRow, RowTooLongError, mend

BARS = 2
Row = tuple[int, str]
Misfit = tuple[int, int]


def read(*blocks: list[str]) -> tuple[list[Row], list[Misfit]]:
    """(physical line, row) and (physical line, columns) of lines given in blocks."""
    rows: list[Row] = []
    misfits: list[Misfit] = []
    line, open_row = 3, None
    for block in blocks:
        mended, open_row = mend([text.encode() for text in block], line, BARS, open_row)
        rows += zip(mended.lines, [row.decode() for row in mended.rows], strict=True)
        misfits += mended.misfits
        line += len(block)
    mended, open_row = mend(["|".join("ZZZ").encode()], line, BARS, open_row)
    rows += zip(mended.lines, [row.decode() for row in mended.rows], strict=True)
    misfits += mended.misfits
    return rows, misfits


@pytest.mark.parametrize(
    ("lines", "rows", "misfits"),
    [
        pytest.param(["a|b|c", "d|e|f"], [(3, "a|b|c"), (4, "d|e|f")], [], id="whole lines"),
        pytest.param(["a|b", "c|d"], [(3, "a|b c|d")], [], id="joined by a space"),
        pytest.param(["a|b", "|c"], [(3, "a|b |c")], [], id="a piece begins with a bar"),
        pytest.param(["a|b", "c", "d|e"], [(3, "a|b c d|e")], [], id="a piece in the middle"),
        pytest.param(["a|b|c", "d"], [(3, "a|b|c d")], [], id="tail of the last field"),
        pytest.param(["a|", "b|c", "d", "e"], [(3, "a| b|c d e")], [], id="tails of a joined row"),
        pytest.param(["a|b", "", "c|d"], [(3, "a|b  c|d")], [], id="a blank line in a row"),
        pytest.param(["a|b|c", ""], [(3, "a|b|c ")], [], id="a blank line after a whole row"),
        pytest.param(
            ["a|b", "c|d|e"], [(4, "c|d|e")], [(3, 2)], id="a whole line ends the row in pieces"
        ),
        pytest.param(
            ["a|b", "|d|e"], [(4, "|d|e")], [(3, 2)], id="even one whose first field is empty"
        ),
        pytest.param(
            ["a|b", "c|d|e|f", "g|h|i"], [(5, "g|h|i")], [(3, 2), (4, 4)], id="too many columns"
        ),
        pytest.param(["a|b|c|d", "e", ""], [], [(3, 4)], id="its tails are its own"),
        pytest.param(["a|b", "", "c"], [], [(3, 2)], id="never whole: one misfit"),
        pytest.param(["", "a|b|c"], [(4, "a|b|c")], [(3, 1)], id="a piece before any row"),
    ],
)
def test_sentence(lines: list[str], rows: list[Row], misfits: list[Misfit]) -> None:
    assert read(lines) == (rows, misfits)
    assert read(*[[line] for line in lines]) == (rows, misfits)


def test_a_join_that_would_pass_the_number_ends_the_row_in_pieces() -> None:
    def three_bars(*lines: str) -> tuple[list[bytes], list[Misfit]]:
        mended, _ = mend([line.encode() for line in (*lines, "z|z|z|z")], 3, 3, None)
        return mended.rows, mended.misfits

    assert three_bars("a|b|c", "d|e|f", "g|h") == ([b"d|e|f g|h"], [(3, 3)])


def test_a_row_without_end_is_refused() -> None:
    begun = OpenRow(3, [b"a|b|c"], BARS, MAX_ROW_BYTES)
    with pytest.raises(RowTooLongError):
        mend([b"tail"], 4, BARS, begun)


def naive(lines: list[str]) -> tuple[list[Row], list[Misfit]]:
    """One line at a time, from the sentences."""
    found: list[Row] = []
    for line, text in enumerate(lines, 3):
        bars = text.count("|")
        before = found[-1][1].count("|") if found else None
        joins = (
            before is not None
            and bars != BARS
            and (bars == 0 if before >= BARS else before + bars <= BARS)
        )
        if joins:
            found[-1] = (found[-1][0], f"{found[-1][1]} {text}")
        else:
            found.append((line, text))
    rows = [row for row in found if row[1].count("|") == BARS]
    return rows, [(at, row.count("|") + 1) for at, row in found if row.count("|") != BARS]


LINES = st.lists(st.sampled_from(["a|b|c", "|b|", "a|b", "|", "x", "", "a|b|c|d", "||||"]))


@given(lines=LINES, cuts=st.lists(st.integers(0, 30)))
def test_any_lines_in_any_blocks_read_as_one_by_one(lines: list[str], cuts: list[int]) -> None:
    places = sorted({0, len(lines), *(cut for cut in cuts if cut < len(lines))})
    blocks = [lines[start:end] for start, end in pairwise(places)]
    assert read(*blocks) == naive(lines)
