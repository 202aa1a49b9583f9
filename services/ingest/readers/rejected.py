"""The rejected rows of a view, laid aside while it is read, given back in order of line."""

from collections.abc import Iterator
from pathlib import Path

import polars as pl

from services.ingest.readers.spool import Buckets
from services.ingest.readers.validate import REJECTS


class Rejected:
    """Blocks of rejects; each block's lines follow the former block's, but those of `late`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._blocks: list[tuple[Buckets, int]] = []
        self._late = REJECTS.to_frame()
        self.count = 0
        folder.mkdir(mode=0o700)

    def add(self, rejects: pl.DataFrame) -> None:
        """Lay a block's rejects aside."""
        if rejects.is_empty():
            return
        block = Buckets(self._folder / f"{len(self._blocks):05d}", REJECTS, 1)
        block.add(rejects.sort("line"), pl.lit(0))
        block.write()
        self._blocks.append((block, rejects["line"].max()))  # type: ignore[arg-type]
        self.count += rejects.height

    def add_late(self, rejects: pl.DataFrame) -> None:
        """Rejects known only at the end, of any lines."""
        self._late = rejects.sort("line")
        self.count += rejects.height

    def __iter__(self) -> Iterator[pl.DataFrame]:
        """Frames as `REJECTS`, in order of line."""
        after = 0
        for block, last in self._blocks:
            between = self._late.filter(pl.col("line").is_between(after, last))
            yield pl.concat([block.read(0), between]).sort("line")
            after = last + 1
        rest = self._late.filter(pl.col("line") >= after)
        if not rest.is_empty():
            yield rest
