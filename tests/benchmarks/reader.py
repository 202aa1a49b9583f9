"""The feed's reader: a delivery scanned, checked and spilled / polars that reads and checks
nothing."""

import asyncio
import gzip
from collections.abc import Iterator
from pathlib import Path

import polars as pl

from services.ingest.readers.delivery import open_delivery
from services.ingest.readers.scan import scan
from tests.benchmarks.bench import Bench
from tests.benchmarks.measures import Measure, alternate, judge, timed


def reader(bench: Bench) -> Iterator[Measure]:
    """Both read the same views of the same files."""
    feed = bench.feed(bench.scale.territory, 2)
    folder = bench.folder / "scan"
    folder.mkdir(exist_ok=True)
    samples = alternate(
        "reader",
        bench.scale.rounds,
        timed(lambda: _scan(feed, folder)),
        timed(lambda: _read(feed)),
    )
    yield judge("reader: scan / polars read", "at least", 0.30, *asyncio.run(samples))


def _scan(feed: Path, folder: Path) -> None:
    owners = pl.DataFrame(schema={"annex_id": pl.Int64, "structure_id": pl.Int64})
    scan(
        open_delivery([feed], folder),
        folder,
        allow_truncated=False,
        known_owners=owners,
        progress=lambda _count: None,
    ).cleanup()


def _read(feed: Path) -> None:
    for file in feed.iterdir():
        text = gzip.decompress(file.read_bytes())
        pl.read_csv(
            text[text.index(b"\n") + 1 : text.rindex(b"FIN")],
            separator="|",
            quote_char=None,
            infer_schema=False,
            truncate_ragged_lines=True,
        )
