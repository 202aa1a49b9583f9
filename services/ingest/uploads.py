"""Deliveries sent over HTTP: received by the web process, loaded by the worker."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from services.ingest.settings import IngestSettings
from shared.database.types import Connection


@dataclass(frozen=True, slots=True)
class Upload:
    """An archive received whole. The options are those of a load."""

    submission_id: str
    source: str
    size: int
    allow_truncated: bool = False
    allow_older: bool = False
    accept_withdrawals: bool = False


def uploads_folder(settings: IngestSettings) -> Path:
    """Where archives wait; web and worker share it; mode 0700."""
    return settings.private_folder / "uploads"


def archive_of(settings: IngestSettings, submission_id: str) -> Path:
    """The archive of an upload."""
    return uploads_folder(settings) / f"{submission_id}.archive"


async def add_upload(connection: Connection, upload: Upload) -> None:
    """Queue an upload whose archive is there."""
    await connection.execute(
        "INSERT INTO upload (submission_id, source, size, allow_truncated, allow_older,"
        " accept_withdrawals, state) VALUES ($1, $2, $3, $4, $5, $6, 'queued')",
        upload.submission_id,
        upload.source,
        upload.size,
        upload.allow_truncated,
        upload.allow_older,
        upload.accept_withdrawals,
    )


async def waiting_uploads(connection: Connection, source: str | None = None) -> list[Upload]:
    """What is not loaded yet, the oldest first; of one source, or of all."""
    rows = await connection.fetch(
        "SELECT submission_id, source, size, allow_truncated, allow_older, accept_withdrawals"
        " FROM upload WHERE state IN ('queued', 'running') AND ($1::text IS NULL OR source = $1)"
        " ORDER BY received_at, submission_id",
        source,
    )
    return [Upload(*row) for row in rows]


async def tell_progress(
    connection: Connection, submission_id: str, progress: Mapping[str, object]
) -> None:
    """Keep how far the load is: its phase, and what is done of a total."""
    await connection.execute(
        "UPDATE upload SET state = 'running', phase = $2, done = $3, total = $4"
        " WHERE submission_id = $1 AND state IN ('queued', 'running')",
        submission_id,
        progress["phase"],
        progress["done"],
        progress["total"],
    )


async def finish_upload(connection: Connection, submission_id: str, loaded_as: str) -> None:
    """The load is over, in the transaction that says so of the load."""
    await connection.execute(
        "UPDATE upload SET state = 'finished', loaded_as = $2, finished_at = now()"
        " WHERE submission_id = $1 AND state IN ('queued', 'running')",
        submission_id,
        loaded_as,
    )


async def refuse_upload(
    connection: Connection, submission_id: str, state: str, code: str, reason: str
) -> None:
    """Nothing was changed: `refused` for what the delivery is, `failed` for a fault of ours."""
    await connection.execute(
        "UPDATE upload SET state = $2, code = $3, reason = $4, finished_at = now()"
        " WHERE submission_id = $1 AND state IN ('queued', 'running')",
        submission_id,
        state,
        code,
        reason,
    )
