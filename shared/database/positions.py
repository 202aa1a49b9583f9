"""Where a consumer stands in a partition, and what became of every record before that place.

The row moves in the slice's transaction: `next_offset` is the fence against another owner, and the
counters prove that nothing was lost.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from shared.database.types import Connection

COUNTERS = ("applied", "stale", "not_for_us", "rejected", "compacted", "redelivered")


@dataclass(frozen=True, slots=True)
class Partition:
    """A partition as one consumer group sees it; `topic` is the physical name."""

    group: str
    topic: str
    partition: int


@dataclass(frozen=True, slots=True)
class Position:
    """`next_offset` is the first offset not yet accounted for."""

    cluster_id: str
    first_offset: int
    next_offset: int


async def read_position(connection: Connection, key: Partition) -> Position | None:
    """The row, without any lock."""
    row = await connection.fetchrow(
        "SELECT cluster_id, first_offset, next_offset FROM consumer_position"
        " WHERE group_name = $1 AND topic = $2 AND partition = $3",
        key.group,
        key.topic,
        key.partition,
    )
    return Position(*row) if row else None


async def open_position(
    connection: Connection, key: Partition, cluster_id: str, first_offset: int
) -> None:
    """Create the row of a partition never read before; another owner's row stays as it is."""
    await connection.execute(
        "INSERT INTO consumer_position (group_name, topic, partition, cluster_id, first_offset,"
        " next_offset, applied, stale, not_for_us, rejected, compacted, redelivered)"
        " VALUES ($1, $2, $3, $4, $5, $5, 0, 0, 0, 0, 0, 0) ON CONFLICT DO NOTHING",
        key.group,
        key.topic,
        key.partition,
        cluster_id,
        first_offset,
    )


async def advance_position(
    connection: Connection, key: Partition, read: int, next_offset: int, counts: Mapping[str, int]
) -> bool:
    """Compare and set: the fence and the lock. False when another owner moved the row."""
    tag = await connection.execute(
        "UPDATE consumer_position SET next_offset = $5, updated_at = now(),"
        " applied = applied + $6, stale = stale + $7, not_for_us = not_for_us + $8,"
        " rejected = rejected + $9, compacted = compacted + $10, redelivered = redelivered + $11"
        " WHERE group_name = $1 AND topic = $2 AND partition = $3 AND next_offset = $4",
        key.group,
        key.topic,
        key.partition,
        read,
        next_offset,
        *(counts.get(name, 0) for name in COUNTERS),
    )
    return bool(tag == "UPDATE 1")


async def account_redelivered(connection: Connection, key: Partition, count: int) -> None:
    """Count records that came again after they were accounted for: outside the equation."""
    await connection.execute(
        "UPDATE consumer_position SET redelivered = redelivered + $4"
        " WHERE group_name = $1 AND topic = $2 AND partition = $3",
        key.group,
        key.topic,
        key.partition,
        count,
    )


async def list_positions(connection: Connection) -> list[Mapping[str, Any]]:
    """Every row, for `cadran accounts`."""
    rows = await connection.fetch(
        "SELECT group_name, topic, partition, cluster_id, first_offset, next_offset, applied,"
        " stale, not_for_us, rejected, compacted, redelivered FROM consumer_position"
        " ORDER BY group_name, topic, partition"
    )
    return [dict(row) for row in rows]
