"""One view of a delivery, read to its end: accepted rows, rejects, counts, warnings."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import polars as pl

from services.ingest.readers.ahead import ahead
from services.ingest.readers.columns import Header, read_header
from services.ingest.readers.mending import Misfit
from services.ingest.readers.rejected import Rejected
from services.ingest.readers.repetitions import Keys
from services.ingest.readers.rows import RowBlock, RowReader
from services.ingest.readers.spool import Buckets
from services.ingest.readers.validate import (
    check_rows,
    misfit_rejects,
    reused_rejects,
    schema_of,
)
from services.ingest.readers.views import View

OWNER: Final = "owner"

WithOwner = Callable[[pl.DataFrame], pl.DataFrame]
"""Gives rows the column `owner`, whose remainder by the number of buckets is their bucket."""


@dataclass(frozen=True, slots=True)
class ViewCounts:
    """Rows of a view: `accepted + rejected + ignored = rows`."""

    rows: int
    accepted: int
    rejected: int
    ignored: int


@dataclass(frozen=True, slots=True)
class ViewRead:
    """A view read to its end. `rows` are the accepted ones and those `repeated`, whose lines are
    to be left out."""

    counts: ViewCounts
    warnings: Counter[str]
    rejects: Rejected
    rows: Buckets
    repeated: pl.DataFrame

    def accepted(self, bucket: int = 0, columns: Sequence[str] | None = None) -> pl.DataFrame:
        """The accepted rows of a bucket, typed, in the order of the file; these columns of them,
        else all."""
        rows = self.rows.read(bucket, columns and ("line", *columns))
        if self.repeated.is_empty():
            return rows
        return rows.join(self.repeated, on="line", how="anti", maintain_order="left")


def read_view(
    view: View, reader: RowReader, file: str, folder: Path, *, buckets: int, owner: WithOwner
) -> ViewRead:
    """Read the rows of one file. `folder` is made here. Raises `DeliveryRefused`."""
    folder.mkdir(mode=0o700)
    header = read_header(view, reader.columns, file)
    schema = pl.Schema({**schema_of(view), OWNER: pl.Int64()})
    rows = Buckets(folder / "rows", schema, buckets)
    keys = Keys(view, folder / "keys", buckets)
    rejected = Rejected(folder / "rejects")
    for texts, misfits in ahead(_texts(reader, header)):
        checked = check_rows(view, texts)
        rejected.add(pl.concat([checked.rejects, misfit_rejects(view, misfits)]))
        keys.add(checked.accepted)
        rows.add(owner(checked.accepted), pl.col(OWNER))
    rows.write()
    repeated = keys.repeated()
    rejected.add_late(reused_rejects(view, repeated.filter(~pl.col("same"))))
    ignored = int(repeated["same"].sum())
    accepted = reader.rows - rejected.count - ignored
    counts = ViewCounts(reader.rows, accepted, rejected.count, ignored)
    return ViewRead(counts, header.warnings, rejected, rows, repeated.select("line"))


def pass_over(reader: RowReader) -> ViewCounts:
    """Count the rows of a view that is not read: all are ignored. Raises `DeliveryRefused`."""
    for _ in reader.blocks():
        pass
    return ViewCounts(reader.rows, 0, 0, reader.rows)


def without_owner(rows: pl.DataFrame) -> pl.DataFrame:
    """Rows of a view that is not split: all in one bucket."""
    return rows.with_columns(pl.lit(0, pl.Int64).alias(OWNER))


def _texts(reader: RowReader, header: Header) -> Iterator[tuple[pl.DataFrame, list[Misfit]]]:
    """Block by block: the columns used of its rows, as texts, with `line`; its misfits."""
    for block in reader.blocks():
        yield _columns_used(block, header, len(reader.columns)), block.misfits


def _columns_used(block: RowBlock, header: Header, columns: int) -> pl.DataFrame:
    line = pl.Series("line", block.lines, dtype=pl.Int64)
    if not block.lines:
        return pl.DataFrame({"line": line, **dict.fromkeys(header.places, line.cast(pl.String))})
    names = [str(place) for place in range(columns)]
    for name, place in header.places.items():
        names[place] = name
    if columns == 1:
        return pl.DataFrame({"line": line, names[0]: block.text.decode().split("\n")})
    frame = pl.read_csv(
        b"\n".join(("|".join(names).encode(), block.text)),
        columns=sorted(header.places),
        separator="|",
        quote_char=None,
        infer_schema=False,
    )
    return frame.with_columns(line)
