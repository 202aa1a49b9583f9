"""The doors' connections to PostgreSQL."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from shared.database.faults import UNAVAILABLE, is_lock_timeout
from shared.database.types import Connection
from shared.web.problems import Problem

RETRY_SECONDS = 30
_ACQUIRE_SECONDS = 5.0


@asynccontextmanager
async def door_connection(pool: Any) -> AsyncIterator[Connection]:
    """A connection of the doors' pool, thrown away after any exception that is not a refusal.

    `Problem` 503 when PostgreSQL is away, or busy for too long: nothing was stored, or its answer
    was lost and the same request again finds it unchanged.
    """
    try:
        async with pool.acquire(timeout=_ACQUIRE_SECONDS) as connection:
            try:
                yield connection
            except Problem:
                raise
            except BaseException:
                connection.terminate()
                raise
    except Exception as error:
        if not (isinstance(error, (TimeoutError, *UNAVAILABLE)) or is_lock_timeout(error)):
            raise
        raise Problem(
            503,
            "storage-unavailable",
            "Dépôt impossible",
            "Rien n'a pu être conservé : renvoyez plus tard.",
            headers={"Retry-After": str(RETRY_SECONDS)},
        ) from error
