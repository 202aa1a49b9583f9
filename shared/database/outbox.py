"""Events to publish, written in the transaction that decided them; the relay sends them."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from pydantic_core import to_json

from shared.database.types import Connection

COLUMNS = ("topic", "key", "headers", "value")


class OutboxRow(NamedTuple):
    """`topic` is the physical name; `value` is null for a tombstone."""

    topic: str
    key: str
    headers: Mapping[str, str]
    value: bytes | None

    def values(self) -> tuple[str, str, str, bytes | None]:
        """The row as COPY takes it."""
        return (self.topic, self.key, to_json(self.headers).decode(), self.value)


@dataclass(frozen=True, slots=True)
class Backlog:
    """How much waits to be sent, and since when."""

    rows: int
    oldest_seconds: float


async def write_outbox(connection: Connection, rows: Iterable[OutboxRow]) -> None:
    """Add rows, in order, to the current transaction."""
    await connection.copy_records_to_table(
        "outbox", records=[row.values() for row in rows], columns=list(COLUMNS)
    )


async def read_chunk(
    connection: Connection, size: int, under_way: Sequence[int] = ()
) -> list[tuple[int, OutboxRow]]:
    """The oldest `size` rows but those `under_way`, whatever was sent before: what is there was
    not acknowledged."""
    rows = await connection.fetch(
        "SELECT id, topic, key, headers, value FROM outbox WHERE id <> ALL($2)"
        " ORDER BY id LIMIT $1",
        size,
        under_way,
    )
    return [(r[0], OutboxRow(r[1], r[2], json.loads(r[3]), r[4])) for r in rows]


async def delete_sent(connection: Connection, ids: Sequence[int]) -> None:
    """Forget acknowledged rows."""
    await connection.execute("DELETE FROM outbox WHERE id = ANY($1)", ids)


async def last_row(connection: Connection) -> int:
    """Highest id waiting now, 0 when nothing waits."""
    return int(await connection.fetchval("SELECT coalesce(max(id), 0) FROM outbox"))


async def is_sent(connection: Connection, row: int) -> bool:
    """Were all rows up to `row` acknowledged?"""
    waiting = await connection.fetchval("SELECT EXISTS (SELECT FROM outbox WHERE id <= $1)", row)
    return not waiting


async def backlog(connection: Connection) -> Backlog:
    """What waits to be sent."""
    row = await connection.fetchrow(
        "SELECT count(*), coalesce(extract(epoch FROM clock_timestamp() - min(created_at)), 0)"
        " FROM outbox"
    )
    return Backlog(int(row[0]), float(row[1]))
