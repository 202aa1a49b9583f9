"""Frames laid aside on disk in buckets: memory holds some blocks, or one bucket, at a time."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import polars as pl

GATHERED_BYTES: Final = 48 * 2**20
"""Rows wait in memory up to this size: files are few, a bucket is read fast, and what is small
needs no file."""


class Buckets:
    """Rows of one schema in `count` buckets, in the order in which they came.

    `folder` is made here and belongs to this object.
    """

    def __init__(
        self, folder: Path, schema: pl.Schema, count: int, gathered_bytes: int = GATHERED_BYTES
    ) -> None:
        folder.mkdir(mode=0o700)
        self.count = count
        self._folder = folder
        self._schema = schema
        self._files: list[list[Path]] = [[] for _ in range(count)]
        self._gathered: list[pl.DataFrame] = []
        self._gathered_bytes = gathered_bytes

    def add(self, rows: pl.DataFrame, number: pl.Expr) -> None:
        """Lay `rows` aside; `number` is not negative, its remainder by `count` is the bucket."""
        keyed = rows.select(*self._schema, (number % self.count).alias("bucket"))
        self._gathered.append(keyed)
        if sum(frame.estimated_size() for frame in self._gathered) > self._gathered_bytes:
            self.write()

    def write(self) -> None:
        """Let nothing wait in memory."""
        rows = pl.concat(self._gathered) if self._gathered else pl.DataFrame()
        self._gathered = []
        if rows.is_empty():
            return
        for (bucket,), part in rows.partition_by("bucket", as_dict=True, include_key=False).items():
            files = self._files[int(bucket)]
            file = self._folder / f"{bucket:05d}-{len(files):05d}.arrow"
            part.write_ipc(file, compression="lz4")
            files.append(file)

    def read(self, bucket: int, columns: Sequence[str] | None = None) -> pl.DataFrame:
        """The rows of one bucket, from 0; of these columns alone if they are given."""
        names = list(columns or self._schema)
        written = (pl.read_ipc(file, columns=names) for file in self._files[bucket])
        waiting = (rows.filter(pl.col("bucket") == bucket).select(names) for rows in self._gathered)
        return pl.concat([self._schema.to_frame().select(names), *written, *waiting])

    def read_all(self) -> Iterator[pl.DataFrame]:
        """The rows of each bucket in turn."""
        return map(self.read, range(self.count))
