"""Rows laid aside: what waits in memory is read as what lies on disk is."""

from pathlib import Path

import polars as pl
import pytest

from services.ingest.readers.spool import Buckets

SCHEMA = pl.Schema({"line": pl.Int64(), "word": pl.String()})


@pytest.mark.parametrize("gathered_bytes", [0, 40, 2**20])
def test_a_bucket_is_read_whole_and_in_order_whether_written_or_not(
    tmp_path: Path, gathered_bytes: int
) -> None:
    buckets = Buckets(tmp_path / "rows", SCHEMA, 3, gathered_bytes)
    for block in range(5):
        lines = range(4 * block, 4 * block + 4)
        rows = pl.DataFrame({"line": lines, "word": [f"w{line}" for line in lines]}, schema=SCHEMA)
        buckets.add(rows, pl.col("line"))
    read = [bucket["line"].to_list() for bucket in buckets.read_all()]
    assert read == [[line for line in range(20) if line % 3 == bucket] for bucket in range(3)]
    assert buckets.read(1, ["word"]).rows() == [(f"w{line}",) for line in range(1, 20, 3)]


def test_a_bucket_that_received_nothing_is_empty(tmp_path: Path) -> None:
    assert Buckets(tmp_path / "rows", SCHEMA, 2).read(1).schema == SCHEMA
