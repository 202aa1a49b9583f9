"""The partitions of one worker: applies their slices, parks them on a fault, brings them back.

Data faults become dead letters in the slice; every other exception is the infrastructure's: the
partition is paused while polling goes on, and comes back after a backoff, from its position row.
"""

import asyncio
import time
from collections.abc import Iterable, Mapping, Sequence

import structlog
from aiokafka import AIOKafkaConsumer
from aiokafka.errors import KafkaError
from aiokafka.structs import TopicPartition

from shared.database.faults import is_lock_timeout, terminate_frozen_owners
from shared.database.pool import Database
from shared.database.positions import Partition, read_position
from shared.database.types import Connection
from shared.kafka.bounds import LogBounds
from shared.kafka.consumer import FencedError, Gap, LogMismatchError, SliceConsumer
from shared.kafka.measures import measure
from shared.kafka.partitions import Budget, PartitionState
from shared.kafka.records import Record
from shared.kafka.slices import cut
from shared.kafka.tails import Tails
from shared.telemetry.metrics import Metrics

ASSIGN_SECONDS = 3.0
COMMIT_SECONDS = 5.0
LOCK_TIMEOUTS_BEFORE_TERMINATING = 2

_log = structlog.get_logger("keeper")


class Keeper:
    """The partitions that this worker owns now, and what became of each."""

    def __init__(
        self,
        slices: SliceConsumer,
        database: Database,
        service: str,
        metrics: Metrics,
        budget: Budget,
    ) -> None:
        self._slices = slices
        self._database = database
        self._service = service
        self._metrics = metrics
        self._budget = budget
        self._connection: Connection | None = None
        self._consumer: AIOKafkaConsumer | None = None
        self._busy = asyncio.Lock()
        self.states: dict[TopicPartition, PartitionState] = {}
        self._bounds = LogBounds()
        self._tails = Tails(slices, database)
        self._spent: dict[TopicPartition, str] = {}
        self.progressed_at = _now()
        self.unassigned_since: float | None = _now()

    async def assign(self, consumer: AIOKafkaConsumer, assigned: Iterable[TopicPartition]) -> None:
        """Own `assigned`, and seek to their rows within 3 s: heartbeats stand still here."""
        self._consumer = consumer
        spent = self._spent
        self.states = {tp: PartitionState(self._budget, stopped=spent.get(tp)) for tp in assigned}
        for tp in spent.keys() & self.states.keys():
            self._pause(tp)
        self.progressed_at = _now()
        if self.states:
            self.unassigned_since = None
        try:
            async with asyncio.timeout(ASSIGN_SECONDS), self._busy:
                for tp in self.states:
                    await self._seek_to_known_row(tp)
        except Exception as error:  # noqa: BLE001 - only a speed-up
            _log.warning("assignment_seek_failed", exc_info=error)
            self._drop_connection()

    async def release(self, revoked: Iterable[TopicPartition], deadline: float) -> None:
        """Let the running slice end within `deadline` seconds, then forget the partitions."""
        try:
            async with asyncio.timeout(deadline), self._busy:
                pass
        except TimeoutError:
            _log.warning("release_deadline_passed")
        for tp in revoked:
            self.states.pop(tp, None)
        if not self.states and self.unassigned_since is None:
            self.unassigned_since = _now()

    async def take(self, runs: Iterable[tuple[tuple[str, int], Sequence[Record]]]) -> None:
        """Apply a batch, partition by partition; then tell Kafka, for lag metrics only."""
        async with self._busy:
            commits: dict[TopicPartition, int] = {}
            for (topic, partition), records in runs:
                tp = TopicPartition(topic, partition)
                state = self.states.get(tp)
                if state is None or state.parked:
                    continue
                before = state.next_offset
                await self._take_run(tp, state, records)
                if state.next_offset is not None and state.next_offset != before:
                    commits[tp] = state.next_offset
            await self._commit(commits)

    async def _take_run(
        self, tp: TopicPartition, state: PartitionState, records: Sequence[Record]
    ) -> None:
        holes = self._slices.log.is_compacted(tp.topic)
        for part in cut(records, holes=holes):
            try:
                applied = await self._apply(tp, state, part)
            except LogMismatchError as error:
                self._stop(tp, state, str(error))
                return
            except Exception as error:  # noqa: BLE001 - the infrastructure's, whatever it is
                await self._park(tp, state, error)
                return
            if not applied or state.parked:
                return

    async def _apply(
        self, tp: TopicPartition, state: PartitionState, records: Sequence[Record]
    ) -> bool:
        """Apply one slice; False when the partition must be read again from its row."""
        confirmed = state.gap is not None and state.gap[1] == records[0].offset
        started = _now()
        try:
            result = await self._slices.apply(
                await self._connect(), records, hole_confirmed=confirmed, enough=state.trial()
            )
        except FencedError:
            _log.warning("fenced", topic=tp.topic, partition=tp.partition)
            await self._seek_to_row(tp)
            return False
        if isinstance(result, Gap):
            self._meet_gap(tp, state, result)
            return False
        self.progressed_at = _now()
        state.succeeded(result.next_offset)
        measure(self._metrics, self._service, tp, result, _now() - started)
        spent = state.spend(result.outcomes)
        if spent is not None:
            self._spent[tp] = spent
            self._stop(tp, state, spent)
        return True

    def _meet_gap(self, tp: TopicPartition, state: PartitionState, gap: Gap) -> None:
        """Seek back; the same first offset again is, off a compacted topic, a loss: stop."""
        met = (gap.next_offset, gap.found)
        _log.warning("gap", topic=tp.topic, partition=tp.partition, at=met[0], found=met[1])
        if state.gap == met and not self._slices.log.is_compacted(tp.topic):
            self._stop(tp, state, f"le journal saute de {gap.next_offset} à {gap.found}")
            return
        state.gap = met
        self._seek(tp, gap.next_offset)

    async def _park(self, tp: TopicPartition, state: PartitionState, error: Exception) -> None:
        self._drop_connection()
        delay = state.park(_now())
        self._pause(tp)
        _log.warning(
            "partition_parked",
            topic=tp.topic,
            partition=tp.partition,
            seconds=round(delay, 2),
            exc_info=error,
        )
        if is_lock_timeout(error):
            state.lock_timeouts += 1
            if state.lock_timeouts >= LOCK_TIMEOUTS_BEFORE_TERMINATING:
                await self._free_position()

    async def _free_position(self) -> None:
        try:
            ended = await terminate_frozen_owners(await self._connect())
            _log.warning("frozen_owners_ended", sessions=ended)
        except Exception as error:  # noqa: BLE001 - tried again at the next lock timeout
            _log.warning("frozen_owners_not_ended", exc_info=error)
            self._drop_connection()

    def _stop(self, tp: TopicPartition, state: PartitionState, reason: str) -> None:
        state.stopped = reason
        self._pause(tp)
        _log.error("partition_stopped", topic=tp.topic, partition=tp.partition, reason=reason)

    async def resume_due(self) -> None:
        """Bring back the partitions whose backoff is over, from their rows."""
        async with self._busy:
            for tp, state in list(self.states.items()):
                if state.retry_at is None or state.retry_at > _now() or state.stopped:
                    continue
                try:
                    await self._seek_to_row(tp)
                except Exception as error:  # noqa: BLE001 - still away: wait longer
                    await self._park(tp, state, error)
                    continue
                state.retry_at = None
                if self._consumer is not None and tp in self._consumer.assignment():
                    self._consumer.resume(tp)

    async def positions(self) -> dict[TopicPartition, int]:
        """The next offset of each partition owned that has a row; raises without a database."""
        async with self._busy:
            rows = {
                tp: await read_position(await self._connect(), self._key(tp)) for tp in self.states
            }
        return {tp: row.next_offset for tp, row in rows.items() if row is not None}

    async def check_log(self, positions: Mapping[TopicPartition, int]) -> None:
        """Stop a partition whose log begins above its row or ends below it: nothing ever comes.

        `positions` were read before, for rows move on. Raises when the broker does not answer.
        """
        if self._consumer is None or not self.states:
            return
        await self._bounds.look(self._consumer, list(self.states))
        for tp, state in self.states.items():
            if tp not in positions or state.stopped:
                continue
            compacted = self._slices.log.is_compacted(tp.topic)
            reason = self._bounds.fault(tp, positions[tp], compacted=compacted)
            if reason is not None:
                self._stop(tp, state, reason)

    async def pass_tails(self) -> None:
        """Move past the ends of compacted partitions where no record is left."""
        for tp in await self._tails.pass_over(self.lag(), self.states):
            async with self._busy:
                if tp in self.states:
                    await self._seek_to_known_row(tp)

    def lag(self) -> dict[TopicPartition, int]:
        """Records that wait behind each row."""
        return self._bounds.lag(self._consumer, self.states) if self._consumer else {}

    async def ping(self) -> None:
        """Raises when the database does not answer."""
        async with self._busy:
            try:
                async with asyncio.timeout(5):
                    await (await self._connect()).fetchval("SELECT 1")
            except BaseException:
                self._drop_connection()
                raise

    async def close(self) -> None:
        """Let the connection go."""
        self._drop_connection()

    async def _seek_to_row(self, tp: TopicPartition) -> None:
        """Read again from the row, or from the log's beginning when there is none."""
        if await self._seek_to_known_row(tp):
            return
        self._seek(tp, await self._slices.log.begins_at(tp.topic, tp.partition))

    async def _seek_to_known_row(self, tp: TopicPartition) -> bool:
        row = await read_position(await self._connect(), self._key(tp))
        self.states[tp].next_offset = row.next_offset if row else None
        # Without a row Kafka may remember an offset of a projection that is lost.
        self._seek(tp, row.next_offset if row else 0)
        return row is not None

    def _seek(self, tp: TopicPartition, offset: int) -> None:
        if self._consumer is not None and tp in self._consumer.assignment():
            self._consumer.seek(tp, offset)

    def _pause(self, tp: TopicPartition) -> None:
        if self._consumer is not None and tp in self._consumer.assignment():
            self._consumer.pause(tp)

    async def _commit(self, commits: dict[TopicPartition, int]) -> None:
        if not commits or self._consumer is None:
            return
        self._slices.checkpoint("offset-commit:before")
        try:
            async with asyncio.timeout(COMMIT_SECONDS):
                await self._consumer.commit(commits)
        except (KafkaError, TimeoutError) as error:
            _log.warning("offset_commit_failed", exc_info=error)
        self._slices.checkpoint("offset-commit:after")

    async def _connect(self) -> Connection:
        if self._connection is None:
            self._connection = await self._database.connect()
        return self._connection

    def _drop_connection(self) -> None:
        """After any exception the connection is thrown away (trap 22)."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.terminate()

    def _key(self, tp: TopicPartition) -> Partition:
        return Partition(self._slices.group, tp.topic, tp.partition)


def _now() -> float:
    return time.monotonic()
