"""A file: its first line, header, last line, line ends, encodings, compressions."""

import gzip
import io
import zipfile
from pathlib import Path

import pytest

from services.ingest.readers.delivery import DeliveryRefused, FeedFile
from services.ingest.readers.rows import RowReader
from tests.unit.ingest.readers.feeds import STAMP, text_of

HEADER = "a|b|c"
GOOD = text_of("V", HEADER, ["1|2|3", "4|5|6"])


def reader(
    tmp_path: Path, content: bytes, *, truncated: bool = False, block: int = 1 << 20
) -> RowReader:
    path = tmp_path / f"fluxIAE_V_{STAMP}.csv.gz"
    path.write_bytes(content)
    file = FeedFile("V", path)
    return RowReader(file, lambda _: None, allow_truncated=truncated, block_bytes=block)


def texts(read: RowReader) -> list[str]:
    return [line for block in read.blocks() for line in block.text.decode().split("\n") if line]


def zipped(*names: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            archive.writestr(name, GOOD)
    return out.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(GOOD.encode(), id="plain"),
        pytest.param(gzip.compress(GOOD.encode()), id="gzip"),
        pytest.param(
            gzip.compress(GOOD[:50].encode()) + gzip.compress(GOOD[50:].encode()), id="two members"
        ),
        pytest.param(gzip.compress(GOOD.encode()) + b"\0" * 512, id="padded gzip"),
        pytest.param(zipped("V.csv"), id="zip"),
        pytest.param(b"\xef\xbb\xbf" + GOOD.encode(), id="byte order mark"),
        pytest.param(GOOD.replace("\n", "\r\n").encode(), id="CRLF"),
        pytest.param(GOOD.rstrip("\n").encode(), id="no last line end"),
        pytest.param(f"{GOOD}\n \r\n".encode(), id="blank lines after FIN"),
        pytest.param(GOOD.replace("FIN2||", "FIN2").encode(), id="FIN without bars"),
        pytest.param(GOOD.replace(f"{STAMP}||", STAMP).encode(), id="DEB without bars"),
    ],
)
@pytest.mark.parametrize("block", [1, 7, 1 << 20])
def test_content_is_told_by_its_bytes(tmp_path: Path, content: bytes, block: int) -> None:
    read = reader(tmp_path, content, block=block)
    assert read.columns == ("a", "b", "c")
    assert f"{read.stamp:%d%m%Y_%H%M%S}" == STAMP
    assert texts(read) == ["1|2|3", "4|5|6"]
    assert read.rows == 2


@pytest.mark.parametrize("inside", ["\u2028", "\x0b", "\x0c", "\x85", "\r", "\x1c"])
def test_only_lf_and_crlf_end_a_line(tmp_path: Path, inside: str) -> None:
    text = text_of("V", HEADER, [f"1{inside}x|2|3", "4|5|6"])
    assert texts(reader(tmp_path, text.encode())) == [f"1{inside}x|2|3", "4|5|6"]


def test_what_is_not_utf8_and_nul_are_replaced(tmp_path: Path) -> None:
    text = text_of("V", HEADER, ["@|#|é"]).encode().replace(b"@", b"\xff").replace(b"#", b"\0")
    assert texts(reader(tmp_path, text)) == ["\ufffd|\ufffd|é"]


def test_lines_are_physical(tmp_path: Path) -> None:
    text = text_of("V", HEADER, ["1|2|3", "4|5", "|6", "bad|row", "7|8|9"], rows=4)
    blocks = list(reader(tmp_path, text.encode()).blocks())
    assert [line for block in blocks for line in block.lines] == [3, 4, 7]
    assert [misfit for block in blocks for misfit in block.misfits] == [(6, 2)]


def test_fin_counts_a_row_in_pieces_once(tmp_path: Path) -> None:
    read = reader(tmp_path, text_of("V", HEADER, ["1|2", "3|4", "tail"], rows=1).encode())
    assert texts(read) == ["1|2 3|4 tail"]


def test_a_piece_like_fin_inside_the_file_is_a_piece(tmp_path: Path) -> None:
    text = text_of("V", HEADER, ["1|2|3", "FIN9", "4|5|6"], rows=2)
    assert texts(reader(tmp_path, text.encode(), block=1)) == ["1|2|3 FIN9", "4|5|6"]


def test_a_file_may_hold_no_row(tmp_path: Path) -> None:
    read = reader(tmp_path, text_of("V", HEADER, []).encode())
    assert texts(read) == []
    assert read.rows == 0


CUT_GZIP = gzip.compress(GOOD.encode() + bytes(range(32, 124)) * 9)[:-40]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        pytest.param(b"", "empty-file", id="nothing"),
        pytest.param(gzip.compress(b"\n"), "empty-file", id="nothing in gzip"),
        pytest.param(b"a|b|c\n1|2|3\nFIN1\n", "bad-first-line", id="no DEB"),
        pytest.param(
            GOOD.replace(STAMP, "32132026_063004").encode(), "bad-first-line", id="bad stamp"
        ),
        pytest.param(GOOD.replace("DEBV", "DEBW").encode(), "wrong-view", id="another view"),
        pytest.param(b"DEBV08112026_063004\n", "missing-header", id="DEB alone"),
        pytest.param(b"DEBV08112026_063004\nFIN0\n", "missing-header", id="no header"),
        pytest.param(b"DEBV08112026_063004\n\n1|2\nFIN1\n", "missing-header", id="blank header"),
        pytest.param(GOOD.replace("FIN2||\n", "").encode(), "truncated", id="no FIN"),
        pytest.param(GOOD.replace("FIN2", "FIN3").encode(), "truncated", id="another count"),
        pytest.param(GOOD.replace("FIN2", "FIN").encode(), "truncated", id="FIN without a count"),
        pytest.param(CUT_GZIP, "truncated", id="gzip cut"),
        pytest.param(b"\x1f\x8b" + GOOD.encode(), "unreadable-file", id="not gzip after all"),
        pytest.param(
            gzip.compress(GOOD.encode()) + b"rest", "unreadable-file", id="gzip then else"
        ),
        pytest.param(zipped("V.csv", "W.csv"), "unreadable-file", id="ZIP of two"),
        pytest.param(zipped("V.csv")[:-30], "unreadable-file", id="ZIP cut"),
    ],
)
def test_refused(tmp_path: Path, content: bytes, code: str) -> None:
    with pytest.raises(DeliveryRefused) as refused:
        list(reader(tmp_path, content).blocks())
    assert refused.value.code == code
    assert refused.value.file == f"fluxIAE_V_{STAMP}.csv.gz"


@pytest.mark.parametrize(
    ("content", "rows"),
    [
        pytest.param(GOOD.replace("FIN2||\n", "").encode(), ["1|2|3", "4|5|6"], id="no FIN"),
        pytest.param(GOOD.replace("FIN2", "FIN9").encode(), ["1|2|3", "4|5|6"], id="other count"),
        pytest.param(GOOD.replace("|6\nFIN2||\n", "").encode(), ["1|2|3"], id="cut in a row"),
    ],
)
def test_a_truncated_file_is_read_when_allowed(
    tmp_path: Path, content: bytes, rows: list[str]
) -> None:
    assert texts(reader(tmp_path, content, truncated=True)) == rows


def test_a_line_without_end_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.ingest.readers.lines.MAX_ROW_BYTES", 64)
    content = text_of("V", HEADER, ["x" * 200_000]).encode()
    with pytest.raises(DeliveryRefused) as refused:
        list(reader(tmp_path, content, block=32).blocks())
    assert refused.value.code == "row-too-long"
