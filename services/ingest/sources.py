"""Sources, the mandates that structures gave them, and their machine clients."""

from collections.abc import Sequence
from typing import Any

from services.ingest.domain.sources import EDITOR_RANK, FIRST_RANK, Source
from shared.database.types import Connection


async def read_source(connection: Connection, name: str) -> Source | None:
    """A source with its mandates; None when no operator added it."""
    row = await connection.fetchrow(
        "SELECT rank, coalesce(array_agg(structure_id) FILTER (WHERE structure_id IS NOT NULL),"
        " '{}') FROM source LEFT JOIN mandate ON source = name WHERE name = $1 GROUP BY name",
        name,
    )
    return Source(name, row[0], frozenset(row[1])) if row else None


async def first_source(connection: Connection) -> str:
    """The source of the first rank, whose referentials and pseudonyms serve all."""
    name: str = await connection.fetchval("SELECT name FROM source WHERE rank = $1", FIRST_RANK)
    return name


async def add_client(
    connection: Connection, name: str, structures: Sequence[int], client_id: str, secret_hash: str
) -> None:
    """A client of source `name` (of the editors' rank when it is new), and mandates."""
    async with connection.transaction():
        await connection.execute(
            "INSERT INTO source (name, rank) VALUES ($1, $2) ON CONFLICT DO NOTHING",
            name,
            EDITOR_RANK,
        )
        await connection.execute(
            "INSERT INTO mandate (source, structure_id)"
            " SELECT $1, unnest($2::bigint[]) ON CONFLICT DO NOTHING",
            name,
            structures,
        )
        await connection.execute(
            "INSERT INTO client (client_id, source, secret_hash) VALUES ($1, $2, $3)",
            client_id,
            name,
            secret_hash,
        )


async def read_client(connection: Connection, client_id: str) -> tuple[str, str] | None:
    """Source and secret's hash of a client that is not revoked."""
    row = await connection.fetchrow(
        "SELECT source, secret_hash FROM client WHERE client_id = $1 AND revoked_at IS NULL",
        client_id,
    )
    return (row[0], row[1]) if row else None


async def list_clients(connection: Connection) -> list[dict[str, Any]]:
    """Every client: client_id, source, rank, structures (its source's mandates), revoked."""
    rows = await connection.fetch(
        "SELECT client_id, source, rank, revoked_at IS NOT NULL AS revoked,"
        " ARRAY(SELECT structure_id FROM mandate m WHERE m.source = c.source"
        " ORDER BY structure_id) AS structures"
        " FROM client c JOIN source ON name = source ORDER BY source, c.created_at, client_id"
    )
    return [dict(row) for row in rows]


async def revoke_client(connection: Connection, client_id: str) -> bool:
    """The client gets no token any more; False when there is none to revoke."""
    revoked = await connection.fetchval(
        "UPDATE client SET revoked_at = now() WHERE client_id = $1 AND revoked_at IS NULL"
        " RETURNING client_id",
        client_id,
    )
    return revoked is not None


async def end_mandates(connection: Connection, name: str, structures: Sequence[int]) -> int:
    """The source declares no more for `structures`, at once; how many mandates ended."""
    ended = await connection.fetch(
        "DELETE FROM mandate WHERE source = $1 AND structure_id = ANY($2::bigint[])"
        " RETURNING structure_id",
        name,
        structures,
    )
    return len(ended)
