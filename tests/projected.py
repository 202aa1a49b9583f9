"""Declarations written straight into the projection of a provisioned home, without a log."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from shared.contracts.envelope import Envelope
from shared.contracts.fields import Contract
from shared.contracts.registry import REGISTRY
from shared.kafka.projection import Projection, Row
from shared.kafka.records import Event

_TYPES = {event.model: event for event in REGISTRY.values()}


def event(data: Contract, revision: int, source: str = "asp", rank: int = 1) -> Event:
    """The event of a declaration, as if ingest had accepted it at `revision`."""
    kind = _TYPES[type(data)]
    subject = kind.subject(data)
    envelope = Envelope(
        "id", source, kind.name, subject, datetime(2026, 11, 8, tzinfo=UTC), revision, rank
    )
    return Event(kind, envelope, None if kind.withdrawn and "structure" in kind.name else data)


class Projected:
    """A service's projection; `tables` are those of its documents."""

    def __init__(self, pool: Any, projection: Projection, tables: Iterable[str]) -> None:
        self.pool = pool
        self._projection = projection
        self._tables = ", ".join(tables)

    async def declare(self, events: Iterable[Event]) -> None:
        """Append what the events declare."""
        rows: list[Row] = []
        for declared in events:
            row = self._projection.project(declared)
            assert isinstance(row, Row), row
            rows.append(row)
        async with self.pool.acquire() as connection, connection.transaction():
            await self._projection.stage(connection, rows)
            await self._projection.write(connection, rows)

    async def clear(self) -> None:
        """Forget everything."""
        await self.pool.execute(f"TRUNCATE {self._tables}")
