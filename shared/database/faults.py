"""Faults of the database that the consumer answers in a way of its own."""

from datetime import timedelta

import asyncpg

from shared.database.types import Connection

UNAVAILABLE = (
    OSError,
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
)
"""What a command meets when PostgreSQL is away."""

FROZEN_AFTER = timedelta(seconds=10)
FROZEN_LEADER_AFTER = timedelta(seconds=60)
"""Twice what a relay that lives may be without a query: the deadline of one sending."""


def is_lock_timeout(error: BaseException) -> bool:
    """Did a statement wait longer than `lock_timeout`?"""
    return isinstance(error, asyncpg.LockNotAvailableError)


async def terminate_frozen_owners(connection: Connection) -> int:
    """End the sessions of a frozen process of this service that still hold position rows.

    PostgreSQL's own timeouts free neither a client stopped in the middle of a COPY nor, at once,
    one stopped between two statements. Only sessions that bear our own application name are ended;
    returns how many.
    """
    return int(
        await connection.fetchval(
            "SELECT count(pg_terminate_backend(a.pid)) FROM pg_stat_activity a"
            " JOIN pg_locks l ON l.pid = a.pid"
            " WHERE l.relation = 'consumer_position'::regclass AND l.granted"
            " AND l.mode = 'RowExclusiveLock' AND a.pid <> pg_backend_pid()"
            " AND a.application_name = current_setting('application_name')"
            " AND a.xact_start < now() - $1::interval",
            FROZEN_AFTER,
        )
    )


async def terminate_frozen_leader(connection: Connection, lock: tuple[str, str]) -> int:
    """End the session that holds advisory lock (hashtext of both of `lock`) and asks nothing more.

    The process of such a leader is frozen, or its machine is gone: its lock would never be freed.
    Returns how many sessions were ended.
    """
    return int(
        await connection.fetchval(
            "SELECT count(pg_terminate_backend(a.pid)) FROM pg_stat_activity a"
            " JOIN pg_locks l ON l.pid = a.pid"
            " WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 2"
            " AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())"
            " AND l.classid = (hashtext($1)::bigint & 4294967295)::oid"
            " AND l.objid = (hashtext($2)::bigint & 4294967295)::oid"
            " AND a.application_name = current_setting('application_name')"
            " AND a.query_start < clock_timestamp() - $3::interval",
            *lock,
            FROZEN_LEADER_AFTER,
        )
    )
