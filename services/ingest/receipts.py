"""What became of a submission, whichever door brought it, and what of it was rejected."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Annotated, Any, NamedTuple

from shared.database.types import Connection
from shared.web.exports import NUMBER, TEXT

MASKED = "***"
ROWS_AT_ONCE = 10_000


class Reject(NamedTuple):
    """A rejected row of the feed, or a fault of a declaration."""

    view: Annotated[str, TEXT, "Vue du flux, ou type de la déclaration"]
    line: Annotated[int, NUMBER, "Ligne du fichier (DEB étant 1), ou place dans l'envoi"]
    column: Annotated[str, TEXT, "Colonne ou champ en faute, vide si c'est l'ensemble"]
    code: Annotated[str, TEXT, "Code stable de la faute"]
    value: Annotated[str, TEXT, "Valeur en faute, *** si elle nomme une personne"]
    reason: Annotated[str, TEXT, "La raison, en français"]


@dataclass(frozen=True, slots=True)
class Receipt:
    """A submission as it is told; `load` is the id under which its rejects are kept, if any."""

    source: str
    load: str | None
    document: dict[str, Any]


async def read_receipt(connection: Connection, submission_id: str) -> Receipt | None:
    """The receipt of a load, a batch of declarations or an upload; None when it is unknown."""
    upload = await connection.fetchrow(
        "SELECT source, state, received_at, finished_at, loaded_as, phase, done, total, code,"
        " reason FROM upload WHERE submission_id = $1",
        submission_id,
    )
    load = submission_id if upload is None else upload["loaded_as"]
    row = await connection.fetchrow(
        "SELECT source, state, accepted_at AS received_at, finished_at, receipt, buckets,"
        " (SELECT count(*) FROM chunk c WHERE c.submission_id = s.submission_id) AS chunks,"
        " (SELECT count(*) FROM reject r WHERE r.submission_id = s.submission_id) AS rejects"
        " FROM submission s WHERE submission_id = $1",
        load,
    )
    told = upload or row
    if told is None:
        return None
    receipt = json.loads(row["receipt"]) if row else {}
    document = {
        "submission": submission_id,
        "source": told["source"],
        "state": told["state"],
        "received_at": told["received_at"],
        "finished_at": told["finished_at"],
        "progress": _progress(upload, row),
        "views": receipt.get("views", {}),
        "documents": receipt.get("documents", {}),
        "warnings": receipt.get("warnings", {}),
        "published": receipt.get("published", 0),
        "rejects": row["rejects"] if row else 0,
        "code": upload["code"] if upload else None,
        "reason": upload["reason"] if upload else None,
    }
    return Receipt(told["source"], load if row else None, document)


def _progress(upload: Any, row: Any) -> dict[str, Any] | None:
    """How far a load is; None once it is over, or before it begins."""
    if upload is not None and upload["state"] == "running" and upload["phase"]:
        return {"phase": upload["phase"], "done": upload["done"], "total": upload["total"]}
    if upload is None and row["state"] == "running":
        return {"phase": "publishing", "done": row["chunks"], "total": 1 + row["buckets"]}
    return None


async def page_of_rejects(
    connection: Connection, load: str | None, size: int, offset: int
) -> list[Reject]:
    """Rejects in the order of views and lines."""
    rows = await connection.fetch(
        "SELECT view, line, column_name, code, value, reason FROM reject WHERE submission_id = $1"
        " ORDER BY view, line, column_name, code LIMIT $2 OFFSET $3",
        load,
        size,
        offset,
    )
    return [Reject(*row) for row in rows]


async def all_rejects(connection: Connection, load: str | None) -> AsyncIterator[list[Reject]]:
    """Every reject of a load, some thousands at once."""
    offset = 0
    while rows := await page_of_rejects(connection, load, ROWS_AT_ONCE, offset):
        yield rows
        offset += len(rows)
