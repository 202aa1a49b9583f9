"""How long a service keeps what is not its record for ever, and the purge that holds it to that."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

import structlog

from shared.database.pool import Database
from shared.database.types import Connection

SECONDS_BETWEEN_PURGES: Final = 3_600.0
SECONDS_AFTER_A_FAULT: Final = 60.0
THREE_MONTHS: Final = timedelta(days=90)
A_YEAR: Final = timedelta(days=365)

_log = structlog.get_logger("retention")


@dataclass(frozen=True, slots=True)
class Kept:
    """Rows of `table` live for `age`; `delete` removes those whose instant is below `$1`."""

    table: str
    age: timedelta
    delete: str


DEAD_LETTERS: Final = Kept(
    "dead_letter", THREE_MONTHS, "DELETE FROM dead_letter WHERE failed_at < $1"
)
ACCESS_LOG: Final = Kept("access_log", A_YEAR, "DELETE FROM access_log WHERE at < $1")


async def purge(connection: Connection, kept: Sequence[Kept], now: datetime) -> dict[str, int]:
    """Delete what is too old as of `now`, in the order of `kept`; rows deleted by table."""
    deleted = {}
    for rule in kept:
        tag = await connection.execute(rule.delete, now - rule.age)
        deleted[rule.table] = int(tag.rpartition(" ")[2])
    return deleted


class Purge:
    """The purge of one service, in its worker: at start, then every hour.

    Replicas may purge at the same time: a row is deleted once.
    """

    def __init__(
        self,
        database: Database,
        kept: Sequence[Kept],
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._database = database
        self._kept = kept
        self._clock = clock

    async def run(self) -> None:
        """Purge for ever; a fault waits for the next time."""
        while True:
            try:
                async with self._database.connection() as connection:
                    deleted = await purge(connection, self._kept, self._clock())
                _log.info("purged", **deleted)
                await asyncio.sleep(SECONDS_BETWEEN_PURGES)
            except Exception as error:  # noqa: BLE001 - what is too old stays a little longer
                _log.warning("purge_failed", exc_info=error)
                await asyncio.sleep(SECONDS_AFTER_A_FAULT)
