"""One slice: its order, its fence, its gap, its counts. A recording stand-in takes the place of the
connection; what PostgreSQL and Kafka promise is tested on the real ones."""

from collections.abc import AsyncIterator, Collection, Iterable, Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest

from shared.contracts.registry import DocumentType
from shared.database.dead_letters import Failure, FailureKind
from shared.database.positions import Partition
from shared.kafka.consumer import Applied, FencedError, Gap, Log, LogMismatchError, SliceConsumer
from shared.kafka.projection import Row, RowKey
from shared.kafka.records import Event, Outcome
from tests.unit.kafka.building import LogRecord, event_record

STRUCTURE = "fr.cadran.structure.declared.v1"
REVISION = 1_794_120_312_250_000


class Recording:
    """Position of one partition, held revisions, and the steps taken in order."""

    def __init__(self, next_offset: int | None, *, moved: bool = False) -> None:
        self.next_offset = next_offset
        self.moved = moved
        self.cluster_id = "cluster-1"
        self.held: dict[RowKey, int] = {}
        self.steps: list[str] = []
        self.copied: dict[str, list[Sequence[Any]]] = {}
        self.committed = False

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[None]:
        yield
        self.committed = True

    async def fetchrow(self, query: str, *_args: Any) -> Any:
        assert "FOR UPDATE" not in query
        self.steps.append("read")
        return None if self.next_offset is None else (self.cluster_id, 0, self.next_offset)

    async def execute(self, query: str, *args: Any) -> str:
        if query.startswith("INSERT"):
            self.steps.append("open")
            self.next_offset = args[4]
        elif "next_offset = $5" in query:
            self.steps.append("fence")
            return "UPDATE 0" if self.moved or args[3] != self.next_offset else "UPDATE 1"
        else:
            self.steps.append("redelivered")
        return "UPDATE 1"

    async def copy_records_to_table(
        self, table: str, *, records: Iterable[Sequence[Any]], columns: Sequence[str]
    ) -> str:
        self.steps.append(table)
        self.copied[table] = [dict(zip(columns, r, strict=True)) for r in records]  # type: ignore[misc]
        return "COPY"


class Structures:
    """A projection that keeps the highest revision of each structure."""

    def __init__(self, connection: Recording) -> None:
        self._connection = connection
        self.written: list[Row] = []

    @property
    def document_types(self) -> Collection[str]:
        return (DocumentType.STRUCTURE,)

    def project(self, event: Event) -> Row | Failure:
        if event.envelope.source == "refused":
            return Failure(FailureKind.DOMAIN_REJECTED, "source without rights")
        return Row("structure", (event.envelope.subject,), event.envelope.revision, ())

    async def load(self, _connection: Any, _rows: Sequence[Row]) -> dict[RowKey, int]:
        self._connection.steps.append("load")
        return self._connection.held

    async def stage(self, _connection: Any, _rows: Sequence[Row]) -> None:
        self._connection.steps.append("stage")

    async def write(self, _connection: Any, rows: Sequence[Row]) -> None:
        self._connection.steps.append("write")
        self.written += rows


def consumer(connection: Recording, *, compacted: bool = False) -> SliceConsumer:
    async def begins_at(_topic: str, _partition: int) -> int:
        return 4

    async def no_hole(_topic: str, _partition: int, _offset: int) -> None:
        return None

    return SliceConsumer(
        group="etp.projection",
        processor="etp.projection",
        projection=Structures(connection),
        log=Log("cluster-1", lambda _: compacted, begins_at, no_hole, lambda topic: f"{topic}-dlq"),
        checkpoint=lambda name: connection.steps.append(name) if "commit" in name else None,
    )


def structure(offset: int, revision: int = REVISION, **headers: str) -> LogRecord:
    record = event_record(STRUCTURE, headers={"ce_revision": str(revision), **headers})
    record.offset = offset
    return record


async def applied(connection: Recording, *records: LogRecord, **options: Any) -> Applied:
    result = await consumer(connection, compacted=options.pop("compacted", False)).apply(
        connection,  # type: ignore[arg-type]
        records,
        **options,
    )
    assert isinstance(result, Applied)
    return result


def counted(result: Applied) -> dict[str, int]:
    return {name: count for name, count in result.counts.items() if count}


async def test_the_fence_comes_after_the_copy_and_before_the_rows() -> None:
    connection = Recording(7)
    result = await applied(connection, structure(7), structure(8, REVISION + 1))
    assert (result.next_offset, counted(result)) == (9, {"applied": 2})
    assert connection.steps == [
        "read", "load", "stage", "fence", "write", "commit:before", "commit:after"
    ]  # fmt: skip
    assert connection.committed


async def test_each_of_the_outcomes_is_counted_and_adds_up() -> None:
    connection = Recording(7)
    connection.held = {("structure", ("4101",)): REVISION}
    month = event_record()
    month.offset = 9
    poison = event_record(STRUCTURE, value=b"{")
    poison.offset = 10
    records = [
        structure(5),
        structure(6),
        structure(7),
        structure(8, REVISION + 5),
        month,
        poison,
        structure(11, ce_source="refused"),
    ]
    result = await applied(connection, *records)
    assert result.outcomes == [
        Outcome.STALE,
        Outcome.APPLIED,
        Outcome.NOT_FOR_US,
        Outcome.REJECTED,
        Outcome.REJECTED,
    ]
    assert counted(result) == {
        "applied": 1,
        "stale": 1,
        "not_for_us": 1,
        "rejected": 2,
        "redelivered": 2,
    }
    assert result.next_offset - 7 == sum(counted(result).values()) - 2
    letters: Any = connection.copied["dead_letter"]
    assert [(x["kind"], x["record_offset"]) for x in letters] == [
        ("undecodable", 10),
        ("domain_rejected", 11),
    ]
    outbox: Any = connection.copied["outbox"]
    assert [x["topic"] for x in outbox] == ["structures-v1-dlq"] * 2
    assert connection.steps[-4:] == ["dead_letter", "outbox", "commit:before", "commit:after"]


async def test_another_owner_who_moved_the_position_fences_us() -> None:
    connection = Recording(7, moved=True)
    with pytest.raises(FencedError):
        await applied(connection, structure(7))
    assert connection.steps[-1] == "fence"
    assert not connection.committed


async def test_a_slice_that_was_applied_already_is_only_counted() -> None:
    connection = Recording(7)
    result = await applied(connection, structure(5), structure(6))
    assert (result.next_offset, counted(result)) == (7, {"redelivered": 2})
    assert connection.steps == ["read", "redelivered", "commit:before", "commit:after"]


@pytest.mark.parametrize(("compacted", "confirmed"), [(False, False), (True, False), (False, True)])
async def test_a_gap_applies_nothing(compacted: bool, confirmed: bool) -> None:
    connection = Recording(7)
    result = await consumer(connection, compacted=compacted).apply(
        connection,  # type: ignore[arg-type]
        [structure(9)],
        hole_confirmed=confirmed,
    )
    assert result == Gap(next_offset=7, found=9)
    assert connection.steps == ["read", "commit:before", "commit:after"]


async def test_a_confirmed_hole_of_compaction_is_accounted() -> None:
    connection = Recording(7)
    records = [structure(9), structure(12, REVISION + 1)]
    result = await applied(connection, *records, compacted=True, hole_confirmed=True)
    assert (result.next_offset, counted(result)) == (13, {"applied": 2, "compacted": 4})


async def test_a_partition_never_read_opens_where_its_log_begins() -> None:
    connection = Recording(None)
    result = await applied(connection, structure(4))
    assert (result.next_offset, counted(result)) == (5, {"applied": 1})
    assert connection.steps[:2] == ["read", "open"]


async def test_another_cluster_stops_before_anything_is_decided() -> None:
    connection = Recording(7)
    connection.cluster_id = "another"
    with pytest.raises(LogMismatchError, match="autre cluster Kafka"):
        await applied(connection, structure(7))
    assert connection.steps == ["read"]


async def test_a_slice_ends_where_refused_records_are_enough() -> None:
    """What lies behind is left for later: not put aside, not applied, not accounted for."""
    connection = Recording(7)
    poison = [event_record(STRUCTURE, value=b"{") for _ in range(4)]
    for offset, record in enumerate(poison, start=8):
        record.offset = offset
    told: list[bool] = []

    def enough(refused: bool) -> bool:
        told.append(refused)
        return told.count(True) == 2

    result = await applied(connection, structure(7), *poison, structure(12), enough=enough)
    assert (result.next_offset, counted(result)) == (10, {"applied": 1, "rejected": 2})
    assert told == [False, True, True]
    letters: Any = connection.copied["dead_letter"]
    assert [letter["record_offset"] for letter in letters] == [8, 9]


@pytest.mark.parametrize(("start", "passed"), [(7, True), (6, False)])
async def test_a_hole_at_the_end_is_passed_from_where_the_row_stands(
    start: int, passed: bool
) -> None:
    connection = Recording(7)
    key = Partition("etp.projection", "structures-v1", 0)
    assert await consumer(connection, compacted=True).pass_hole(connection, key, start, 9) is passed  # type: ignore[arg-type]
    assert connection.steps == (["read", "fence"] if passed else ["read"])
