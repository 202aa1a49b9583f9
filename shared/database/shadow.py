"""The shadow of a projection: schemas of the same tables beside the live ones, filled from the log,
compared with them, and put in their place while reads go on.

The shadow has records of its own (outbox, dead letters): what a service decided stays untouched.
Everything here runs as PostgreSQL's administrator, since a service's role may make no schema.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import count
from typing import Any, NamedTuple

import asyncpg

from shared.database.positions import Position

SLICE_SECONDS = 30
"""How long the swap waits for the slices that are running."""
READS_SECONDS = 60.0
"""How long it tries to find an instant without a read."""
LONGEST_HOLD_MS = 800
"""Shorter than PostgreSQL's default `deadlock_timeout`, so that no read is ever the victim."""
POLL_SECONDS = 0.05

Positions = dict[tuple[str, int], Position]
"""By (physical topic, partition)."""


class Difference(NamedTuple):
    """`rows` of the rebuilt table; `different`: rows that only one of the two has, a changed row
    counted once."""

    table: str
    rows: int
    different: int


class SwapRefusedError(RuntimeError):
    """Reads or slices held the live tables all the time; nothing was changed."""


@dataclass(frozen=True, slots=True)
class Schemas:
    """A service's live schemas (its role bears the name of the first), and those of a rebuild."""

    records: str
    projection: str

    @property
    def shadow(self) -> tuple[str, str]:
        """Records and projection of the shadow."""
        return (f"{self.records}_next", f"{self.projection}_next")

    @property
    def former(self) -> str:
        """Where the live projection goes when the shadow takes its place."""
        return f"{self.projection}_former"


@asynccontextmanager
async def administrator(admin_dsn: str, database: str) -> AsyncIterator[Any]:
    """A connection of the administrator for the time of the block."""
    connection = await asyncpg.connect(
        admin_dsn, database=database, server_settings={"timezone": "UTC", "jit": "off"}
    )
    try:
        yield connection
    finally:
        connection.terminate()


async def claim(connection: Any, schemas: Schemas) -> bool:
    """One rebuild of a service at a time, as long as this connection lives. False: another runs."""
    return bool(
        await connection.fetchval(
            "SELECT pg_try_advisory_lock(hashtext('cadran.rebuild'), hashtext($1))",
            schemas.records,
        )
    )


async def create(connection: Any, schemas: Schemas) -> None:
    """Empty schemas that the service's role owns; what a killed rebuild left is dropped."""
    await drop(connection, schemas)
    for schema in schemas.shadow:
        await connection.execute(f"CREATE SCHEMA {schema} AUTHORIZATION {schemas.records}")


async def drop(connection: Any, schemas: Schemas) -> None:
    """Drop the shadow, and the former projection."""
    names = ", ".join((*schemas.shadow, schemas.former))
    await connection.execute(f"DROP SCHEMA IF EXISTS {names} CASCADE")


async def read_positions(connection: Any, schemas: Schemas, group: str) -> Positions:
    """The live positions of a group."""
    rows = await connection.fetch(
        "SELECT topic, partition, cluster_id, first_offset, next_offset"  # noqa: S608 - own names
        f" FROM {schemas.projection}.consumer_position WHERE group_name = $1",
        group,
    )
    return {(row[0], row[1]): Position(*row[2:]) for row in rows}


async def compare(
    live: Any, shadow: Any, schemas: Schemas, table: str, condition: str
) -> Difference:
    """Compare two tables by the sorted digests of the rows that meet `condition`. Both connections
    are in a transaction; memory stays flat."""
    former = _digests(live, schemas.projection, table, condition)
    rebuilt = _digests(shadow, schemas.shadow[1], table, condition)
    rows = only_former = only_rebuilt = 0
    ours, theirs = await anext(former, None), await anext(rebuilt, None)
    while ours is not None or theirs is not None:
        if theirs is None or (ours is not None and ours < theirs):
            only_former += 1
            ours = await anext(former, None)
        elif ours is None or theirs < ours:
            only_rebuilt += 1
            rows += 1
            theirs = await anext(rebuilt, None)
        else:
            rows += 1
            ours, theirs = await anext(former, None), await anext(rebuilt, None)
    return Difference(table, rows, max(only_former, only_rebuilt))


async def _digests(connection: Any, schema: str, table: str, condition: str) -> AsyncIterator[str]:
    statement = (
        f'SELECT md5(t::text) COLLATE "C" FROM {schema}.{table} t'  # noqa: S608 - own names
        f" WHERE {condition} ORDER BY 1"
    )
    async for row in connection.cursor(statement, prefetch=5_000):
        yield row[0]


async def swap(
    connection: Any, schemas: Schemas, catch_up: Callable[[], Awaitable[None]], group: str
) -> None:
    """Put the shadow in the live projection's place, in one transaction; `SwapRefusedError` when
    slices or reads leave no instant for it.

    The lock on the positions ends the running slices and holds the next ones at their first
    statement: no slice straddles the swap, and `catch_up` brings the shadow to positions that no
    longer move. The locks on the other tables do the same for reads: one that runs is waited for,
    one that comes is held for less than a second, then finds the new tables by the same names.
    """
    async with connection.transaction():
        await connection.execute(f"SET LOCAL lock_timeout = '{SLICE_SECONDS}s'")
        try:
            await connection.execute(f"LOCK TABLE {schemas.projection}.consumer_position")
        except asyncpg.LockNotAvailableError as error:
            raise SwapRefusedError("un travail en cours garde les positions") from error
        await catch_up()
        await connection.execute(
            f"UPDATE {schemas.shadow[1]}.consumer_position SET group_name = $1",  # noqa: S608 - own names
            group,
        )
        await _hold_reads(connection, schemas)
        await connection.execute(f"ALTER SCHEMA {schemas.projection} RENAME TO {schemas.former}")
        await connection.execute(f"ALTER SCHEMA {schemas.shadow[1]} RENAME TO {schemas.projection}")


async def _hold_reads(connection: Any, schemas: Schemas) -> None:
    """Take every live table in one go, or none: whoever waits for two of them could be waited for
    by a read of the others. An administrator with all rights also sends autovacuum away."""
    tables = await connection.fetchval(
        "SELECT string_agg(format('%I.%I', schemaname, tablename), ', ' ORDER BY tablename)"
        " FROM pg_tables WHERE schemaname = $1",
        schemas.projection,
    )
    await connection.execute(
        "SELECT set_config('deadlock_timeout', '50ms', true)"
        " FROM pg_roles WHERE rolname = current_user AND rolsuper"
    )
    loop = asyncio.get_running_loop()
    deadline = loop.time() + READS_SECONDS
    for attempt in count(1):
        try:
            async with connection.transaction():
                limit = min(100 * attempt, LONGEST_HOLD_MS)
                await connection.execute(f"SET LOCAL statement_timeout = {limit}")
                await connection.execute(f"LOCK TABLE {tables}")
                await connection.execute("SET LOCAL statement_timeout = 0")
                return
        except (asyncpg.QueryCanceledError, asyncpg.DeadlockDetectedError) as error:
            if loop.time() > deadline:
                raise SwapRefusedError("des lectures n'ont laissé aucun instant") from error
        await asyncio.sleep(POLL_SECONDS)


async def wait_for_older_transactions(connection: Any, schemas: Schemas) -> None:
    """Return when the transactions that began before now have ended: one of them may still run a
    function of the former schema. Bounded, since dropping it then only fails that one."""
    began = await connection.fetchval("SELECT clock_timestamp()")
    statement = (
        "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database()"
        " AND usename = $1 AND xact_start < $2)"
    )
    deadline = asyncio.get_running_loop().time() + READS_SECONDS
    while asyncio.get_running_loop().time() < deadline:
        if not await connection.fetchval(statement, schemas.records, began):
            return
        await asyncio.sleep(POLL_SECONDS)
