"""`python -m tests.benchmarks.raw_load FEED DSN`: the nation's raw baseline, in one process.

polars reads the columns that Cadran uses of lines, contracts and persons, and one COPY each writes
them to tables keyed by line, contract and person id. Nothing is checked, published nor projected.
Prints its seconds.
"""

import asyncio
import gzip
import io
import sys
import time
from pathlib import Path

import asyncpg
import polars as pl

from services.ingest.readers.views import VIEWS

KEYED = ("EtatMensuelIndiv", "ContratMission", "Salarie")


def read(feed: Path, view: str) -> bytes:
    """A view as CSV; what has no key, or one that came before, is left out."""
    (file,) = feed.glob(f"fluxIAE_{view}_*")
    text = gzip.decompress(file.read_bytes())
    key = list(VIEWS[view].key)
    rows = pl.read_csv(
        text[text.index(b"\n") + 1 : text.rindex(b"\nFIN") + 1],
        columns=[column.name for column in VIEWS[view].columns],
        separator="|",
        quote_char=None,
        infer_schema=False,
        truncate_ragged_lines=True,
    )
    rows = rows.with_columns(pl.col(key).cast(pl.Int64, strict=False))
    out = io.BytesIO()
    rows.drop_nulls(key).unique(key, keep="first").write_csv(out, include_header=False)
    return out.getvalue()


async def load(feed: Path, dsn: str) -> float:
    """Seconds from files to committed rows."""
    started = time.perf_counter()
    connection = await asyncpg.connect(dsn)
    assert await connection.fetchval("SHOW fsync") == "on"
    for view in KEYED:
        names = [column.name for column in VIEWS[view].columns]
        key = VIEWS[view].key
        columns = ", ".join(f"{n} {'bigint' if n in key else 'text'}" for n in names)
        await connection.execute(
            f"CREATE TABLE raw_{view} ({columns}, PRIMARY KEY ({', '.join(key)}))"
        )
        await connection.copy_to_table(
            f"raw_{view.lower()}", source=io.BytesIO(read(feed, view)), columns=names, format="csv"
        )
    await connection.close()
    return time.perf_counter() - started


if __name__ == "__main__":
    print(asyncio.run(load(Path(sys.argv[1]), sys.argv[2])))  # noqa: T201
