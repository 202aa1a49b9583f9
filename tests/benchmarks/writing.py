"""Slices of months written as the consumer writes them, positions and fences included / one COPY
of the same rows to the same table."""

import asyncio
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace

from services.etp.database import build_database
from services.etp.projection import MONTH, EtpProjection
from services.etp.settings import EtpSettings
from services.etp.tables import METADATA, PROJECTION
from shared.contracts.registry import DocumentType, declared
from shared.database.copy import copy_rows
from shared.database.positions import Partition
from shared.kafka.cluster import open_log
from shared.kafka.consumer import SliceConsumer, never_enough
from shared.kafka.records import Record
from shared.kafka.slices import by_partition, cut
from tests.benchmarks.bench import Bench
from tests.benchmarks.measures import Measure, alternate, judge
from tests.unit.kafka.building import LogRecord

GROUP = "bench"
COLUMNS = tuple(column.name for column in METADATA.tables[f"{PROJECTION}.{MONTH}"].columns)


def write(bench: Bench) -> Iterator[Measure]:
    """New documents, then as many that change them."""
    months = of_months(bench.territory.records)
    writer = Writer(bench.scratch.home.settings(EtpSettings), months)
    rounds = bench.scale.rounds

    async def new() -> float:
        await writer.clear()
        return await writer.by_slices(months)

    changes = [revised(record) for record in months]

    async def changed() -> float:
        await writer.clear()
        await writer.by_slices(months)
        return await writer.by_slices(changes)

    samples = asyncio.run(alternate("write", rounds, new, writer.at_once))
    yield judge("write of slices of new documents / one-shot COPY", "at least", 0.60, *samples)
    samples = asyncio.run(alternate("write changes", rounds, changed, writer.at_once))
    yield judge("write of slices of changed documents / one-shot COPY", "at least", None, *samples)


class Writer:
    """Both ways of writing; what is decoded and made into rows is not counted."""

    def __init__(self, settings: EtpSettings, months: Sequence[Record]) -> None:
        self._settings = settings
        self._months = months

    async def clear(self) -> None:
        """An empty table, and no position."""
        async with build_database(self._settings, "bench").connection() as connection:
            await connection.execute(f"TRUNCATE {MONTH}, consumer_position")

    async def by_slices(self, records: Sequence[Record]) -> float:
        """Seconds of the transactions of all slices."""
        log = replace(await open_log(self._settings), begins_at=_from_zero)
        slices = SliceConsumer(GROUP, GROUP, EtpProjection(), log)
        runs = [part for _, run in by_partition(records) for part in cut(run, holes=True)]
        decoded = [(run[0], slices._decode(run, never_enough)) for run in runs]
        async with build_database(self._settings, "bench").connection() as connection:
            started = time.perf_counter()
            for first, slice_ in decoded:
                key = Partition(GROUP, first.topic, first.partition)
                async with connection.transaction():
                    position = await slices._position(connection, key)
                    await slices._apply_decoded(connection, key, position, slice_, 0)
            return time.perf_counter() - started

    async def at_once(self) -> float:
        """Seconds of one COPY, in one transaction."""
        await self.clear()
        log = await open_log(self._settings)
        decoded = SliceConsumer(GROUP, GROUP, EtpProjection(), log)._decode(
            self._months, never_enough
        )
        rows = [row.values for _, row, _ in decoded.rows]
        async with build_database(self._settings, "bench").connection() as connection:
            started = time.perf_counter()
            await copy_rows(connection, MONTH, COLUMNS, rows)
            return time.perf_counter() - started


def of_months(records: Sequence[Record]) -> list[Record]:
    """Declared months, renumbered without holes in each partition."""
    name = declared(DocumentType.MONTHLY_STATE).name.encode()
    found: list[Record] = []
    for (topic, partition), run in by_partition(records):
        kept = [record for record in run if dict(record.headers)["ce_type"] == name]
        found += [_moved(record, topic, partition, n) for n, record in enumerate(kept)]
    return found


def revised(record: Record) -> Record:
    """The next revision of a document, further on in its partition."""
    headers = dict(record.headers)
    revision = int(headers["ce_revision"] or b"0") + 1
    changed = _moved(record, record.topic, record.partition, record.offset + 10**6)
    changed.headers = list({**headers, "ce_revision": str(revision).encode()}.items())
    return changed


def _moved(record: Record, topic: str, partition: int, offset: int) -> LogRecord:
    return LogRecord(
        topic, partition, offset, record.timestamp, record.key, record.value, record.headers
    )


async def _from_zero(_topic: str, _partition: int) -> int:
    return 0
