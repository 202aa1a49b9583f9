"""Batches cut in runs of one partition: nothing lost, nothing moved, nothing too large."""

from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.kafka import slices
from shared.kafka.records import Record
from shared.kafka.slices import MAX_BYTES, MAX_RECORDS, by_partition, cut
from tests.unit.kafka.building import LogRecord, at

PLACES = st.lists(
    st.tuples(st.sampled_from(["a", "b"]), st.integers(0, 3), st.integers(0, 60)), unique=True
)
OFFSETS = st.lists(st.integers(0, 200), unique=True).map(sorted)


def offsets(part: Sequence[Record]) -> list[int]:
    return [record.offset for record in part]


@given(PLACES)
def test_each_partition_has_its_records_in_order(places: list[tuple[str, int, int]]) -> None:
    records = [at(offset, topic=topic, partition=number) for topic, number, offset in places]
    runs = list(by_partition(records))
    keys = [key for key, _ in runs]
    assert len(keys) == len(set(keys))
    assert all((r.topic, r.partition) == key for key, run in runs for r in run)
    assert all(one.offset < next_.offset for _, run in runs for one, next_ in pairwise(run))
    assert sorted((*key, r.offset) for key, run in runs for r in run) == sorted(places)


@given(OFFSETS, st.booleans())
def test_slices_put_end_to_end_are_the_run(run: list[int], holes: bool) -> None:
    parts = list(cut([at(offset) for offset in run], holes=holes))
    assert [offset for part in parts for offset in offsets(part)] == run
    assert all(parts)


@given(OFFSETS)
def test_a_jump_ends_a_slice_but_on_a_compacted_topic(run: list[int]) -> None:
    records = [at(offset) for offset in run]
    whole = list(cut(records, holes=True))
    assert len(whole) == (1 if run else 0)
    parts = list(cut(records, holes=False))
    jumps = sum(after != before + 1 for before, after in pairwise(run))
    assert len(parts) == (jumps + 1 if run else 0)
    assert all(b == a + 1 for part in parts for a, b in pairwise(offsets(part)))


@given(st.lists(st.integers(0, 40), max_size=60), st.booleans())
def test_slices_are_bounded_in_records_and_bytes(sizes: list[int], holes: bool) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(slices, "MAX_RECORDS", 7)
        patch.setattr(slices, "MAX_BYTES", 100)
        parts = list(cut([at(n, size=size) for n, size in enumerate(sizes)], holes=holes))
    for part in parts:
        assert len(part) <= 7
        assert sum(len(r.value or b"") for r in part[:-1]) < 100
    for part in parts[:-1]:
        assert len(part) == 7 or sum(len(r.value or b"") for r in part) >= 100


def test_the_real_bounds() -> None:
    run = [at(offset) for offset in range(MAX_RECORDS + 1)]
    assert [len(part) for part in cut(run, holes=False)] == [MAX_RECORDS, 1]
    large = [at(offset, size=MAX_BYTES // 2) for offset in range(3)]
    assert [len(part) for part in cut(large, holes=False)] == [2, 1]


def test_a_tombstone_weighs_nothing() -> None:
    run = [LogRecord(offset=0, value=None), LogRecord(offset=1, value=None)]
    assert [offsets(part) for part in cut(run, holes=True)] == [[0, 1]]
