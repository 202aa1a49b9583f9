"""Reads that all see one state of the database.

`as_of` is a revision (µs since 1970, UTC): what was known then.
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, Final, Protocol

from shared.database.types import Connection

LATEST: Final = 2**63 - 1
"""As of now: every revision."""

Record = Mapping[str, Any]


class Pool(Protocol):
    """The part of asyncpg's pool that reads use."""

    def acquire(self) -> AbstractAsyncContextManager[Any]: ...


@asynccontextmanager
async def snapshot(pool: Pool) -> AsyncIterator[Connection]:
    """A connection of the pool whose reads all see one state of the database, and change none.

    Plans are made for the values at hand: a plan for any value reads the nation for one annex.
    """
    async with (
        pool.acquire() as connection,
        connection.transaction(isolation="repeatable_read", readonly=True),
    ):
        await connection.execute(
            "SET LOCAL jit = off; SET LOCAL plan_cache_mode = force_custom_plan"
        )
        yield connection
