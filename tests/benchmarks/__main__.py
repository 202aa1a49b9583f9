"""`make bench`: ratios to a raw baseline in the same run, written to bench.json and shown.

This release measures what needs no server; the ratios on the real broker and database come with
"Nothing lost, nothing twice" (docs/adr/0010-what-comes-next.md).
"""

import gzip
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import polars as pl
from rich.console import Console
from rich.progress import track
from rich.table import Table

from services.etp.projection import EtpProjection
from services.ingest.domain.pseudonyms import PersonHash
from services.ingest.payloads import month_documents
from services.ingest.readers.delivery import open_delivery
from services.ingest.readers.scan import Scan, scan
from shared.contracts.envelope import Context, event_headers
from shared.contracts.ids import microseconds
from shared.contracts.monthly_state_v1 import MonthlyStateDeclared, natural_key
from shared.contracts.registry import DECLARATIONS, DocumentType, declared
from shared.kafka.records import Event, decode
from shared.testing.sample.feed import write_feed
from shared.testing.sample.request import sample_request

RUNS = 5
STRUCTURES, YEARS = 300, 2


@dataclass(frozen=True, slots=True)
class Measure:
    """Seconds of `value` and of its `baseline`; `ratio` is baseline / value, at least `bound`."""

    name: str
    value: float
    baseline: float
    ratio: float
    bound: float
    holds: bool
    n: int
    min: float
    median: float
    max: float


def measure(name: str, bound: float, work: Callable[[], Any], raw: Callable[[], Any]) -> Measure:
    """Run both in turn, `RUNS` times; the ratio is that of the medians."""
    pairs = [(_seconds(work), _seconds(raw)) for _ in track(range(RUNS), name, console=_stderr())]
    value = statistics.median(pair[0] for pair in pairs)
    baseline = statistics.median(pair[1] for pair in pairs)
    times = [pair[0] for pair in pairs]
    ratio = baseline / value
    return Measure(
        name, value, baseline, ratio, bound, ratio >= bound, RUNS, min(times), value, max(times)
    )


def main() -> int:
    """Measure, write `bench.json`, show a table; 1 when a bound does not hold."""
    with tempfile.TemporaryDirectory() as folder:
        feed = Path(folder) / "feed"
        write_feed(sample_request(STRUCTURES, YEARS, 1), feed)
        read = _scan(feed, Path(folder))
        records = _records(read)
        measures = [
            measure(
                "reader: scan / polars read", 0.3, lambda: _scan(feed, Path(folder)), _raw(feed)
            ),
            measure(
                "consumer: decode and project / pydantic alone",
                0.3,
                lambda: _project(records),
                lambda: _validate(records),
            ),
        ]
    Path("bench.json").write_text(json.dumps([asdict(entry) for entry in measures], indent=2))
    table = Table("mesure", "médiane (s)", "référence (s)", "rapport", "au moins", "tient")
    for entry in measures:
        figures = (entry.median, entry.baseline, entry.ratio, entry.bound)
        table.add_row(entry.name, *(f"{x:.3f}" for x in figures), "oui" if entry.holds else "NON")
    Console().print(table)
    return 0 if all(entry.holds for entry in measures) else 1


def _scan(feed: Path, folder: Path) -> Scan:
    owners = pl.DataFrame(schema={"annex_id": pl.Int64, "structure_id": pl.Int64})
    return scan(
        open_delivery([feed], folder),
        folder,
        allow_truncated=False,
        known_owners=owners,
        progress=lambda _count: None,
    )


def _raw(feed: Path) -> Callable[[], Any]:
    """Every file decompressed and split in columns by polars, in memory: nothing checked."""

    def read() -> list[pl.DataFrame]:
        frames = []
        for file in feed.iterdir():
            text = gzip.decompress(file.read_bytes())
            frames.append(
                pl.read_csv(
                    text[text.index(b"\n") + 1 : text.rindex(b"FIN")],
                    separator="|",
                    quote_char=None,
                    infer_schema=False,
                    truncate_ragged_lines=True,
                )
            )
        return frames

    return read


def _records(read: Scan) -> list[Any]:
    at = datetime(2026, 11, 22, tzinfo=UTC)
    context = Context("asp", 1, at, "0" * 32)
    event = declared(DocumentType.MONTHLY_STATE)
    persons = PersonHash(b"k" * 32)
    records: list[Any] = []
    for bucket in range(read.bucket_count):
        for document in month_documents(read.lines(bucket), persons):
            annex_id, period = document.key
            subject = natural_key(annex_id, period // 100, period % 100)
            headers = event_headers(event, subject, microseconds(at), context)
            records.append(
                SimpleNamespace(
                    topic=DECLARATIONS,
                    partition=0,
                    offset=len(records),
                    timestamp=0,
                    key=b"1",
                    value=document.payload,
                    headers=[(name, text.encode()) for name, text in headers.items()],
                )
            )
    return records


def _project(records: list[Any]) -> None:
    projection = EtpProjection()
    for record in records:
        event = decode(record, projection.document_types)
        if isinstance(event, Event):
            projection.project(event)


def _validate(records: list[Any]) -> None:
    for record in records:
        MonthlyStateDeclared.model_validate_json(record.value)


def _seconds(work: Callable[[], Any]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def _stderr() -> Console:
    return Console(stderr=True)


if __name__ == "__main__":
    sys.exit(main())
