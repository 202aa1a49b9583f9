"""A batch cut in slices: runs of records of one partition, small enough for one transaction."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from operator import attrgetter

from shared.kafka.records import Record

MAX_RECORDS = 2_000
MAX_BYTES = 4 * 1024 * 1024

_partition = attrgetter("topic", "partition")
_offset = attrgetter("offset")


def by_partition(records: Sequence[Record]) -> Iterator[tuple[tuple[str, int], list[Record]]]:
    """The records of each (physical topic, partition), in the order of their offsets."""
    for key, run in groupby(sorted(records, key=_partition), key=_partition):
        yield key, sorted(run, key=_offset)


def cut(records: Sequence[Record], *, holes: bool) -> Iterator[list[Record]]:
    """Slices of at most `MAX_RECORDS` and about `MAX_BYTES`.

    A jump between two offsets ends a slice, unless `holes` (a compacted topic, where a run that the
    broker gave in one piece has holes).
    """
    current: list[Record] = []
    size = 0
    for record in records:
        jump = bool(current) and record.offset != current[-1].offset + 1 and not holes
        if current and (jump or len(current) >= MAX_RECORDS or size >= MAX_BYTES):
            yield current
            current, size = [], 0
        current.append(record)
        size += len(record.value or b"")
    if current:
        yield current
