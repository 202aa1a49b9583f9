"""Connections of a service: its own role, its own schemas, bounded waits."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import asyncpg

from shared.settings import ServiceSettings

LOCK_TIMEOUT = "5s"
IDLE_IN_TRANSACTION_TIMEOUT = "15s"


class Database:
    """A service's way to PostgreSQL. `schemas` is its search path; `application` names its
    connections, so that a new owner recognises a frozen one of its own kind."""

    def __init__(
        self, settings: ServiceSettings, role: str, schemas: Sequence[str], application: str
    ) -> None:
        self._settings = settings
        self._role = role
        self._schemas = schemas
        self.application = application

    async def connect(self) -> asyncpg.Connection:
        """A new connection: its caller closes it, or terminates it after any exception."""
        return await asyncpg.connect(**self._options())

    async def pool(self, size: int) -> asyncpg.Pool:
        """A pool of up to `size` connections, for reads."""
        return await asyncpg.create_pool(min_size=1, max_size=size, **self._options())

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[asyncpg.Connection]:
        """A connection for the time of the block; thrown away, not closed, after an exception."""
        connection = await self.connect()
        try:
            yield connection
        except BaseException:
            connection.terminate()
            raise
        else:
            await connection.close()

    def _options(self) -> dict[str, object]:
        settings = self._settings
        return {
            "host": settings.postgres_host,
            "port": settings.postgres_port,
            "database": settings.postgres_database,
            "user": self._role,
            "password": settings.secret(f"postgres-{self._role}.password"),
            "timeout": 10,
            "server_settings": {
                "application_name": self.application,
                "search_path": ", ".join(self._schemas),
                "lock_timeout": LOCK_TIMEOUT,
                "idle_in_transaction_session_timeout": IDLE_IN_TRANSACTION_TIMEOUT,
                "timezone": "UTC",
            },
        }
