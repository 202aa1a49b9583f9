"""`Idempotency-Key`: the same request again gives the first answer, and does nothing."""

import json
from collections.abc import Mapping
from typing import Any

from shared.database.types import Connection
from shared.web.problems import Problem


async def recall(
    connection: Connection, source: str, key: str, digest: bytes
) -> tuple[int, dict[str, Any]] | None:
    """Status and body of the answer already given under `key`, None the first time; the caller's
    transaction then holds the key until its end.

    `Problem`: 409 while another request bears the key, 422 when its body was another.
    """
    if not await connection.fetchval(
        "SELECT pg_try_advisory_xact_lock(hashtextextended($1, 0))", f"idempotency\n{source}\n{key}"
    ):
        raise Problem(
            409,
            "idempotency-in-flight",
            "Envoi déjà en cours",
            "Une requête de même clé est en cours : attendez sa réponse.",
            headers={"Retry-After": "1"},
        )
    row = await connection.fetchrow(
        "SELECT digest, status, answer FROM idempotency WHERE source = $1 AND key = $2",
        source,
        key,
    )
    if row is None:
        return None
    if row[0] != digest:
        raise Problem(
            422,
            "idempotency-key-reused",
            "Clé déjà employée",
            "Cette clé d'idempotence a déjà servi pour un autre envoi.",
        )
    return row[1], json.loads(row[2])


async def keep(
    connection: Connection,
    source: str,
    key: str,
    digest: bytes,
    answer: tuple[int, Mapping[str, Any]],
) -> None:
    """Remember the answer, in the transaction of what it says."""
    status, body = answer
    await connection.execute(
        "INSERT INTO idempotency (source, key, digest, status, answer) VALUES ($1, $2, $3, $4, $5)",
        source,
        key,
        digest,
        status,
        json.dumps(body, ensure_ascii=False),
    )
