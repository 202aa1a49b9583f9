"""Who read nominative data, or was refused it: one row a use, kept a year (docs/privacy.md)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shared.database.types import Connection


@dataclass(frozen=True, slots=True)
class NominativeAccess:
    """One use. No value of what was read is here."""

    at: datetime
    reader: str
    """A role with its scope, or the login of who ran a command."""
    action: str
    """Stable code of what was asked: `dead-letter-payload`, …"""
    resource: str
    """What it was asked of, by identifiers: `dead_letter 12`."""
    allowed: bool


async def note_access(connection: Connection, access: NominativeAccess) -> None:
    """Add the row. Commit it before what was read is shown: no reading goes unnoted."""
    await connection.execute(
        "INSERT INTO access_log (at, reader, action, resource, allowed)"
        " VALUES ($1, $2, $3, $4, $5)",
        access.at,
        access.reader,
        access.action,
        access.resource,
        access.allowed,
    )


async def list_accesses(connection: Connection) -> list[dict[str, Any]]:
    """Every access that is kept, oldest first."""
    rows = await connection.fetch(
        "SELECT at, reader, action, resource, allowed FROM access_log ORDER BY id"
    )
    return [dict(row) for row in rows]
