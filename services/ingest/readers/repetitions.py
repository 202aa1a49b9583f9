"""Rows of one view that bear the same key: the same again, or another content under its key.

Keys wait on disk in buckets of their own, since the repetition of a line may belong to another
annex; what is found is small.
"""

from pathlib import Path
from typing import Final

import polars as pl

from services.ingest.readers.spool import Buckets
from services.ingest.readers.views import View

_SEED: Final = 20_181_022


class Keys:
    """The keys of a view's accepted rows."""

    def __init__(self, view: View, folder: Path, buckets: int) -> None:
        self._key = list(view.key)
        self._content = [column.name for column in view.columns]
        self._schema = pl.Schema(
            {"line": pl.Int64(), **dict.fromkeys(view.key, pl.Int64()), "content": pl.UInt64()}
        )
        self._buckets = Buckets(folder, self._schema, buckets)

    def add(self, accepted: pl.DataFrame) -> None:
        """Note accepted rows, typed: two contents are equal when their values read are."""
        content = accepted.select(self._content).hash_rows(_SEED).alias("content")
        keys = accepted.select("line", *self._key).with_columns(content)
        self._buckets.add(keys, pl.col(self._key[0]))

    def repeated(self) -> pl.DataFrame:
        """`line`, the key and `same`: every row after the first of its key, in order of line.
        `same` when its content is the first's: it is ignored, else rejected."""
        found = [self._repeated(bucket) for bucket in self._buckets.read_all()]
        return pl.concat(found).sort("line")

    def _repeated(self, keys: pl.DataFrame) -> pl.DataFrame:
        among = keys.filter(keys.select(self._key).is_duplicated()).sort("line")
        first = pl.col("content").first().over(self._key)
        return (
            among.with_columns(same=pl.col("content") == first)
            .filter(pl.int_range(pl.len()).over(self._key) > 0)
            .drop("content")
        )
