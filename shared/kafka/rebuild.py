"""A projection rebuilt from the log beside the live one, compared with it, put in its place.

The comparison never stops the live worker: it reads one snapshot of the live tables, whose
positions say up to which offsets the shadow must be fed. The swap alone holds the worker, while
the shadow reads the few records that came since.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

from aiokafka.structs import TopicPartition

from shared.database import shadow
from shared.database.pool import Database
from shared.database.shadow import Difference, Positions
from shared.kafka.cluster import bounds
from shared.kafka.consumer import Checkpoint, Log, SliceConsumer
from shared.kafka.projection import ServiceProjection
from shared.kafka.replay import Replay, open_replay
from shared.settings import ServiceSettings

READERS = 2
"""Readings at a time, each of its own partitions: one works while another waits for PostgreSQL."""
TAIL_RECORDS = 1_000
"""Few enough for the live worker to wait for them."""
TAIL_ROUNDS = 20

Progress = Callable[[int, int], None]
"""Told how many records are passed, of how many."""


class RebuildRefusedError(RuntimeError):
    """The live projection is as it was; the message says why, in French."""


@dataclass(frozen=True, slots=True)
class Rebuild:
    """One rebuild. `migrate` makes the tables of the two schemas that it is given."""

    settings: ServiceSettings
    admin_dsn: str
    target: ServiceProjection
    log: Log
    migrate: Callable[[Sequence[str]], None]
    progress: Progress
    checkpoint: Checkpoint

    async def run(self, *, check: bool) -> list[Difference]:
        """What differs, table by table; unless `check`, the shadow then takes the live one's place.

        `RebuildRefusedError` when it cannot be done.
        """
        schemas = self.target.schemas
        async with self._administrator() as admin:
            if not await shadow.claim(admin, schemas):
                raise RebuildRefusedError("une reconstruction de ce service est déjà en cours")
            begins = await self._verified(await self._positions(admin))
            await shadow.create(admin, schemas)
            try:
                await asyncio.to_thread(self.migrate, schemas.shadow)
                async with self._replays(begins) as replays:
                    differences = await self._compare(replays)
                    if not check:
                        await self._swap(admin, replays)
            finally:
                await shadow.drop(admin, schemas)
        return differences

    async def _compare(self, replays: Sequence[Replay]) -> list[Difference]:
        schemas = self.target.schemas
        async with self._snapshot() as live:
            positions = await self._positions(live)
            self.checkpoint("feed:before")
            await self._feed(replays, positions)
            self.checkpoint("compare:before")
            async with self._snapshot() as rebuilt:
                return [
                    await shadow.compare(live, rebuilt, schemas, table, condition)
                    for table, condition in self.target.projection.compared.items()
                ]

    async def _swap(self, admin: Any, replays: Sequence[Replay]) -> None:
        """Come close to the live worker first, so that it is held for the last records alone."""
        schemas, group = self.target.schemas, self.target.group
        for _ in range(TAIL_ROUNDS):
            if await self._feed(replays, await self._positions(admin)) < TAIL_RECORDS:
                break
        for table in self.target.projection.compared:
            await admin.execute(f"ANALYZE {schemas.shadow[1]}.{table}")

        async def catch_up() -> None:
            await self._feed(replays, await self._positions(admin))

        self.checkpoint("swap:before")
        try:
            await shadow.swap(admin, schemas, catch_up, group)
        except shadow.SwapRefusedError as error:
            raise RebuildRefusedError(str(error)) from error
        self.checkpoint("swap:after")
        await shadow.wait_for_older_transactions(admin, schemas)

    async def _feed(self, replays: Sequence[Replay], positions: Positions) -> int:
        """Bring the shadow to `positions`; how many offsets it passed."""
        targets = {TopicPartition(*key): row.next_offset for key, row in positions.items()}
        total = sum(replay.distance(targets) for replay in replays)
        done = 0

        def moved(offsets: int) -> None:
            nonlocal done
            done += offsets
            self.progress(done, total)

        await asyncio.gather(*(replay.feed(targets, moved) for replay in replays))
        return total

    async def _verified(self, positions: Positions) -> dict[TopicPartition, int]:
        """Where each partition begins; refused unless the log still holds all that was read."""
        begins = {}
        for key, (first, end) in (await bounds(self.settings, self.target.topics)).items():
            begins[TopicPartition(*key)] = first
            row = positions.get(key)
            if row is None:
                continue
            if row.cluster_id != self.log.cluster_id:
                raise RebuildRefusedError(f"les positions de {key[0]} viennent d'un autre cluster")
            if end < row.next_offset:
                raise RebuildRefusedError(f"le journal finit à {end}, avant {row.next_offset}")
            if first > row.first_offset and not self.log.is_compacted(key[0]):
                raise RebuildRefusedError(
                    f"le journal commence à {first}, après {row.first_offset}"
                )
        return begins

    @asynccontextmanager
    async def _replays(self, begins: Mapping[TopicPartition, int]) -> AsyncIterator[list[Replay]]:
        target, schemas = self.target, self.target.schemas

        async def begins_at(topic: str, partition: int) -> int:
            return begins[TopicPartition(topic, partition)]

        slices = SliceConsumer(
            group=f"{target.group}.next",
            processor=target.group,
            projection=target.projection,
            log=replace(self.log, begins_at=begins_at),
        )
        database = Database(
            self.settings, schemas.records, schemas.shadow, f"cadran-{schemas.records}-rebuild"
        )
        async with AsyncExitStack() as stack:
            replays = []
            for number in range(READERS):
                connection = await stack.enter_async_context(database.connection())
                # A shadow lost is begun again; the swap's own commit waits for the disk.
                await connection.execute("SET synchronous_commit = off")
                own = dict(sorted(begins.items())[number::READERS])
                replay = open_replay(self.settings, connection, slices, own)
                replays.append(await stack.enter_async_context(replay))
            yield replays

    async def _positions(self, connection: Any) -> Positions:
        return await shadow.read_positions(connection, self.target.schemas, self.target.group)

    def _administrator(self) -> Any:
        return shadow.administrator(self.admin_dsn, self.settings.postgres_database)

    @asynccontextmanager
    async def _snapshot(self) -> AsyncIterator[Any]:
        """One state of the database, however long it is read."""
        async with (
            self._administrator() as connection,
            connection.transaction(isolation="repeatable_read", readonly=True),
        ):
            yield connection
