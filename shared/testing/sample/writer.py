"""The files of a delivery, written as a stream: `DEB`, header, rows, `FIN` with their number."""

import gzip
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from shared.testing.sample.layouts import Layout

GZIP_LEVEL = 1


class ViewWriter:
    """One view being written; `rows` counts those written so far, a row in pieces once."""

    def __init__(self, layout: Layout, stamp: str, file: gzip.GzipFile) -> None:
        self.rows = 0
        self._padding = "|" * (len(layout.columns) - 1)
        self._file = file
        self._put(f"DEB{layout.view}{stamp}{self._padding}\n{'|'.join(layout.columns)}\n")

    def write(self, lines: list[str]) -> None:
        """Append rows, each as `Layout.line` gives it."""
        if lines:
            self.rows += len(lines)
            self._put("\n".join(lines) + "\n")

    def end(self) -> None:
        """Write `FIN`: a file without it is refused by whoever reads it."""
        self._put(f"FIN{self.rows}{self._padding}\n")

    def _put(self, text: str) -> None:
        self._file.write(text.encode())


@contextmanager
def delivery(
    folder: Path, layouts: Iterable[Layout], stamp: str
) -> Iterator[dict[str, ViewWriter]]:
    """A writer by view; the files end with `FIN` only when the block ends without an exception.

    The gzip headers bear neither time nor name, so that equal content gives equal bytes.
    """
    with ExitStack() as files:
        writers = {}
        for layout in layouts:
            raw = files.enter_context((folder / f"fluxIAE_{layout.view}_{stamp}.csv.gz").open("wb"))
            packed = files.enter_context(
                gzip.GzipFile("", "wb", compresslevel=GZIP_LEVEL, fileobj=raw, mtime=0)
            )
            writers[layout.view] = ViewWriter(layout, stamp, packed)
        yield writers
        for writer in writers.values():
            writer.end()
