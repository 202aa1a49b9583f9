"""Frames laid aside on disk in buckets: memory holds one block, or one bucket, at a time."""

from collections.abc import Iterator
from pathlib import Path

import polars as pl


class Buckets:
    """Rows of one schema in `count` buckets, in the order in which they came.

    `folder` is made here and belongs to this object.
    """

    def __init__(self, folder: Path, schema: pl.Schema, count: int) -> None:
        folder.mkdir(mode=0o700)
        self.count = count
        self._folder = folder
        self._schema = schema
        self._files: list[list[Path]] = [[] for _ in range(count)]

    def add(self, rows: pl.DataFrame, number: pl.Expr) -> None:
        """Lay `rows` aside; `number` is not negative, its remainder by `count` is the bucket."""
        if rows.is_empty():
            return
        if self.count == 1:
            self._write(0, rows)
            return
        keyed = rows.with_columns((number % self.count).alias("bucket"))
        for (bucket,), part in keyed.partition_by(
            "bucket", as_dict=True, include_key=False
        ).items():
            self._write(int(bucket), part)

    def read(self, bucket: int) -> pl.DataFrame:
        """The rows of one bucket, from 0."""
        frames = (pl.read_ipc(file) for file in self._files[bucket])
        return pl.concat([self._schema.to_frame(), *frames])

    def read_all(self) -> Iterator[pl.DataFrame]:
        """The rows of each bucket in turn."""
        return map(self.read, range(self.count))

    def _write(self, bucket: int, rows: pl.DataFrame) -> None:
        files = self._files[bucket]
        file = self._folder / f"{bucket:05d}-{len(files):05d}.arrow"
        rows.select(self._schema.names()).write_ipc(file, compression="lz4")
        files.append(file)
