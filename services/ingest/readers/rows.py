"""One file of the feed → its rows: `DEB`, header, rows mended, `FIN`."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from services.ingest.readers.decompress import Progress, TextCutError, text_pieces
from services.ingest.readers.delivery import FeedFile
from services.ingest.readers.limits import MAX_ROW_BYTES
from services.ingest.readers.lines import BLOCK_BYTES, line_blocks, readable
from services.ingest.readers.mending import Mended, Misfit, OpenRow, RowTooLongError, mend
from services.ingest.readers.refusals import DeliveryRefused

_BOM: Final = b"\xef\xbb\xbf"
_DEB: Final = re.compile(r"DEB(\w*?)(\d{8}_\d{6})[|\s]*", re.ASCII)
_FIN: Final = re.compile(rb"\s*FIN\s*(\d{0,18})[|\s]*", re.ASCII)
FIRST_ROW_LINE: Final = 3
"""Physical line of the first row: `DEB` is 1, the header 2."""


@dataclass(frozen=True, slots=True)
class RowBlock:
    """Rows in the order of the file. `text` holds those that have the header's columns, one a
    line, valid UTF-8; `lines` their physical lines; `misfits` the others."""

    text: bytes
    lines: list[int]
    misfits: list[Misfit]


class RowReader:
    """The rows of one file, a block at a time.

    Once built it knows `stamp` (of `DEB`, naive, as printed) and `columns` (of the header);
    once `blocks` has ended, `rows`: how many, the misfits included. Raises `DeliveryRefused`:
    `empty-file`, `bad-first-line`, `wrong-view`, `missing-header`, `row-too-long`, `truncated`
    (no `FIN` or another count, unless `allow_truncated`) and what `text_pieces` raises.
    """

    def __init__(
        self,
        file: FeedFile,
        progress: Progress,
        *,
        allow_truncated: bool,
        block_bytes: int = BLOCK_BYTES,
    ) -> None:
        self.rows = 0
        self._file = file
        self._name = file.path.name
        self._allow_truncated = allow_truncated
        self._block_bytes = block_bytes
        self._cut = False
        self._pieces = self._text(progress)
        first, header, self._rest = self._heading()
        self.stamp = self._stamp(first)
        if not header.strip() or _FIN.fullmatch(header.encode()):
            raise self._refused("missing-header", "ligne d'en-têtes absente.")
        self.columns = tuple(name.strip() for name in header.split("|"))

    def blocks(self) -> Iterator[RowBlock]:
        """Every row of the file; ends by checking `FIN`."""
        bars = len(self.columns) - 1
        line, open_row = FIRST_ROW_LINE, None
        fin: re.Match[bytes] | None = None
        for text, is_last in line_blocks(self._after_heading(), self._block_bytes, self._name):
            fin = _FIN.fullmatch(text) if is_last else None
            if fin or not text:
                continue
            lines = readable(text).removesuffix(b"\n").split(b"\n")
            mended, open_row = self._mend(lines, line, bars, open_row)
            line += len(lines)
            yield self._block(mended)
        last = Mended(bars)
        last.close(open_row)
        yield self._block(last)
        self._check_end(fin)

    def _block(self, mended: Mended) -> RowBlock:
        self.rows += len(mended.rows) + len(mended.misfits)
        return RowBlock(b"\n".join(mended.rows), mended.lines, mended.misfits)

    def _mend(
        self, lines: list[bytes], line: int, bars: int, open_row: OpenRow | None
    ) -> tuple[Mended, OpenRow | None]:
        try:
            return mend(lines, line, bars, open_row)
        except RowTooLongError:
            raise self._refused("row-too-long", "une ligne n'en finit pas.") from None

    def _text(self, progress: Progress) -> Iterator[bytes]:
        try:
            yield from text_pieces(self._file.path, progress)
        except TextCutError:
            self._cut = True

    def _heading(self) -> tuple[str, str, bytes]:
        """The first two lines, and the text read beyond them."""
        text = b""
        for piece in self._pieces:
            text += piece
            if text.count(b"\n") >= 2 or len(text) > MAX_ROW_BYTES:
                break
        if not text.strip():
            raise self._refused("empty-file", "fichier vide.")
        first, _, rest = text.removeprefix(_BOM).partition(b"\n")
        header, _, rest = rest.partition(b"\n")
        return first.decode(errors="replace"), header.decode(errors="replace"), rest

    def _after_heading(self) -> Iterator[bytes]:
        yield self._rest
        yield from self._pieces

    def _stamp(self, first: str) -> datetime:
        matched = _DEB.fullmatch(first)
        if matched is None:
            raise self._refused("bad-first-line", "la première ligne n'est pas DEB<Vue><date>.")
        if matched[1] != self._file.view:
            message = f"le fichier annonce la vue {matched[1]}, son nom {self._file.view}."
            raise self._refused("wrong-view", message)
        try:
            return datetime.strptime(matched[2], "%d%m%Y_%H%M%S")  # noqa: DTZ007 - as printed
        except ValueError:
            raise self._refused("bad-first-line", "date illisible en première ligne.") from None

    def _check_end(self, fin: re.Match[bytes] | None) -> None:
        if self._allow_truncated:
            return
        if self._cut or fin is None or not fin[1]:
            message = "fichier tronqué : la ligne FIN<nombre de lignes> manque"
        elif int(fin[1]) != self.rows:
            message = f"fichier tronqué : FIN annonce {int(fin[1])} lignes, {self.rows} lues"
        else:
            return
        raise self._refused("truncated", f"{message} (--allow-truncated pour l'accepter).")

    def _refused(self, code: str, message: str) -> DeliveryRefused:
        return DeliveryRefused(code, message, self._name)
