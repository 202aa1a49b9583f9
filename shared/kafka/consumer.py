"""Exactly-once effect: one slice, one transaction, in one order.

read the position, no lock → skip what is below it; stop at a gap → decode → load, decide → COPY to
temporary tables → compare-and-set of the position (the fence and the lock) → rows → dead letters
and their outbox rows → COMMIT. Nothing waits for the client after the fence but the COPY itself.
"""

from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from shared.database.dead_letters import DeadLetter, Failure, Source, write_dead_letters
from shared.database.outbox import write_outbox
from shared.database.positions import (
    Partition,
    Position,
    account_redelivered,
    advance_position,
    open_position,
    read_position,
)
from shared.database.types import Connection
from shared.kafka.projection import Projection, Row, select_new
from shared.kafka.records import Event, Outcome, Record, decode

Checkpoint = Callable[[str], None]
"""Called by name before and after each step; tests end the process at one of them."""


Enough = Callable[[bool], bool]
"""Told of each record in turn whether it was refused; True ends the slice with that record."""


def no_checkpoint(_name: str) -> None:
    """Production's checkpoint."""


def never_enough(_refused: bool) -> bool:
    """A slice without a budget of refused records."""
    return False


class LogMismatchError(RuntimeError):
    """The log is not the one that the positions were taken on: an operator must decide."""


class FencedError(RuntimeError):
    """Another owner moved the position: roll back, read it again."""


@dataclass(frozen=True, slots=True)
class Gap:
    """The slice begins above the position: seek back to `next_offset` and apply nothing."""

    next_offset: int
    found: int


@dataclass(frozen=True, slots=True)
class Applied:
    """The slice is committed. `outcomes` has one entry per record accounted for, in order."""

    next_offset: int
    counts: Mapping[str, int]
    outcomes: Sequence[Outcome] = ()
    letters: Sequence[Failure] = ()
    accepted_at: Sequence[datetime] = ()
    """Acceptance instants of the applied events."""


@dataclass(slots=True)
class _Decoded:
    outcomes: list[Outcome] = field(default_factory=list)
    rows: list[tuple[int, Row, datetime]] = field(default_factory=list)
    letters: list[tuple[Record, Failure]] = field(default_factory=list)
    last_offset: int = -1


@dataclass(frozen=True, slots=True)
class Log:
    """What the consumer must know of the log beyond its records."""

    cluster_id: str
    is_compacted: Callable[[str], bool]
    begins_at: Callable[[str, int], Awaitable[int]]
    hole_to_end: Callable[[str, int, int], Awaitable[int | None]]
    """The end of a partition when no record lies from an offset to it; None when one does."""
    dead_letter_topic: Callable[[str], str]


@dataclass(frozen=True, slots=True)
class SliceConsumer:
    """Applies slices for one service. `processor` names it in dead letters."""

    group: str
    processor: str
    projection: Projection
    log: Log
    checkpoint: Checkpoint = no_checkpoint

    async def apply(
        self,
        connection: Connection,
        records: Sequence[Record],
        *,
        hole_confirmed: bool = False,
        enough: Enough = never_enough,
    ) -> Applied | Gap:
        """Apply `records`, a run of one partition. `FencedError` when another owner did.

        `hole_confirmed`: this very first offset came again after seeking to the position; on a
        compacted topic what lies between is a hole of compaction. The records after the one that
        is `enough` are left for later.
        """
        key = Partition(self.group, records[0].topic, records[0].partition)
        async with connection.transaction():
            position = await self._position(connection, key)
            fresh = [record for record in records if record.offset >= position.next_offset]
            redelivered = len(records) - len(fresh)
            jumps = bool(fresh) and fresh[0].offset > position.next_offset
            result: Applied | Gap
            if not fresh:
                await account_redelivered(connection, key, redelivered)
                result = Applied(position.next_offset, {"redelivered": redelivered})
            elif jumps and not (hole_confirmed and self.log.is_compacted(key.topic)):
                result = Gap(position.next_offset, fresh[0].offset)
            else:
                decoded = self._decode(fresh, enough)
                result = await self._apply_decoded(connection, key, position, decoded, redelivered)
            self.checkpoint("commit:before")
        self.checkpoint("commit:after")
        return result

    async def pass_hole(self, connection: Connection, key: Partition, start: int, end: int) -> bool:
        """Account for the offsets from `start` to `end`, which no record bears; False when the
        position is not `start` any more."""
        async with connection.transaction():
            position = await self._position(connection, key)
            if position.next_offset != start:
                return False
            counts = {"compacted": end - start}
            return await advance_position(connection, key, start, end, counts)

    async def _position(self, connection: Connection, key: Partition) -> Position:
        position = await read_position(connection, key)
        if position is None:
            first = await self.log.begins_at(key.topic, key.partition)
            await open_position(connection, key, self.log.cluster_id, first)
            position = Position(self.log.cluster_id, first, first)
        if position.cluster_id != self.log.cluster_id:
            raise LogMismatchError(
                f"les positions de {key.topic} viennent d'un autre cluster Kafka"
                f" ({position.cluster_id}, et non {self.log.cluster_id})"
            )
        return position

    async def _apply_decoded(
        self,
        connection: Connection,
        key: Partition,
        position: Position,
        decoded: _Decoded,
        redelivered: int,
    ) -> Applied:
        rows = [row for _, row, _ in decoded.rows]
        self.checkpoint("decide:before")
        known = await self.projection.load(connection, rows) if rows else {}
        new = select_new(rows, known)
        for (index, _, _), is_new in zip(decoded.rows, new, strict=True):
            decoded.outcomes[index] = Outcome.APPLIED if is_new else Outcome.STALE
        applied = [row for row, is_new in zip(rows, new, strict=True) if is_new]
        self.checkpoint("decide:after")

        self.checkpoint("copy:before")
        await self.projection.stage(connection, applied)
        self.checkpoint("copy:after")

        next_offset = decoded.last_offset + 1
        counts: Counter[str] = Counter(decoded.outcomes)
        counts["compacted"] = next_offset - position.next_offset - len(decoded.outcomes)
        counts["redelivered"] = redelivered
        self.checkpoint("position:before")
        if not await advance_position(connection, key, position.next_offset, next_offset, counts):
            raise FencedError(f"{key.topic}-{key.partition} avancé par un autre")
        self.checkpoint("position:after")

        self.checkpoint("merge:before")
        await self.projection.write(connection, applied)
        self.checkpoint("merge:after")

        self.checkpoint("outbox:before")
        await self._write_dead_letters(connection, decoded.letters)
        self.checkpoint("outbox:after")
        return Applied(
            next_offset,
            counts,
            decoded.outcomes,
            [failure for _, failure in decoded.letters],
            [at for (_, _, at), is_new in zip(decoded.rows, new, strict=True) if is_new],
        )

    def _decode(self, records: Sequence[Record], enough: Enough) -> _Decoded:
        """Each event is reduced to its row and dropped: a slice never holds models (trap 23)."""
        decoded = _Decoded()
        document_types, project = self.projection.document_types, self.projection.project
        for index, record in enumerate(records):
            event = decode(record, document_types)
            result = project(event) if isinstance(event, Event) else event
            if result is None:
                decoded.outcomes.append(Outcome.NOT_FOR_US)
            elif isinstance(result, Failure):
                decoded.outcomes.append(Outcome.REJECTED)
                decoded.letters.append((record, result))
            elif isinstance(event, Event):
                decoded.outcomes.append(Outcome.APPLIED)
                decoded.rows.append((index, result, event.envelope.time))
            decoded.last_offset = record.offset
            if enough(isinstance(result, Failure)):
                break
        return decoded

    async def _write_dead_letters(
        self, connection: Connection, letters: Sequence[tuple[Record, Failure]]
    ) -> None:
        if not letters:
            return
        now = datetime.now(UTC)
        written = [
            DeadLetter(self.processor, failure, now, _source(record)) for record, failure in letters
        ]
        await write_dead_letters(connection, written)
        topic = self.log.dead_letter_topic(letters[0][0].topic)
        await write_outbox(connection, [letter.record(topic) for letter in written])


def _source(record: Record) -> Source:
    return Source(
        record.topic,
        record.partition,
        record.offset,
        record.timestamp,
        record.key,
        record.headers,
        record.value,
    )
