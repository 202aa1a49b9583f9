"""`POST /v1/feeds`: an archive of a delivery, received piece by piece, loaded by the worker."""

import asyncio
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Annotated, Any, Final
from uuid import uuid4

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import JSONResponse, Response

from services.ingest.api.bodies import bounded, media_type
from services.ingest.api.connections import door_connection
from services.ingest.settings import IngestSettings
from services.ingest.sources import read_source
from services.ingest.uploads import (
    Upload,
    add_upload,
    archive_of,
    uploads_folder,
    waiting_uploads,
)
from shared.auth.access import Access, requires
from shared.auth.roles import Principal, Role
from shared.web.problems import Problem

MEDIA_TYPES: Final = (
    "application/zip",
    "application/gzip",
    "application/x-tar",
    "application/octet-stream",
)
MOST_WAITING: Final = 4
"""Uploads of one source that wait at once: archives take disk."""
_PIECE: Final = 2**20

Sender = Annotated[Principal, requires(Access.of(Role.SOURCE))]


class FeedOptions(BaseModel):
    """What the sender says is meant, as `cadran load` does."""

    model_config = ConfigDict(extra="forbid")

    allow_truncated: bool = Field(default=False, description="Accepte un fichier sans FIN exact")
    allow_older: bool = Field(default=False, description="Accepte une livraison plus ancienne")
    accept_withdrawals: bool = Field(default=False, description="Accepte plus de 5 % de retraits")


class QueuedDocument(BaseModel):
    """Une livraison reçue, à charger."""

    submission: str = Field(description="À relire à /ingest/v1/submissions/{id}")
    state: str = Field(examples=["queued"])


_BINARY: Final[dict[str, Any]] = {"schema": {"type": "string", "format": "binary"}}

router = APIRouter(tags=["Dépôts"])


@router.post(
    "/feeds",
    status_code=202,
    summary="Déposer une livraison du flux",
    response_model=QueuedDocument,
    response_description="Reçue en entier ; le chargement suit",
    openapi_extra={
        "requestBody": {"required": True, "content": dict.fromkeys(MEDIA_TYPES, _BINARY)}
    },
)
async def send_feed(
    request: Request, sender: Sender, options: Annotated[FeedOptions, Query()]
) -> Response:
    """Une archive ZIP, tar ou tar.gz d'une livraison complète.

    Une livraison vaut pour toutes les structures : seule une source de rang 1 en dépose.
    """
    settings: IngestSettings = request.app.state.settings
    media_type(request, *MEDIA_TYPES)
    await _check_sender(request, sender.source or "")
    submission_id = str(uuid4())
    archive = archive_of(settings, submission_id)
    uploads_folder(settings).mkdir(mode=0o700, parents=True, exist_ok=True)
    with _kept_if_whole(archive) as draft:
        size = await _receive(request, draft, settings.upload_max_bytes)
        draft.rename(archive)
        upload = Upload(submission_id, sender.source or "", size, **options.model_dump())
        async with door_connection(request.app.state.pool) as connection:
            await add_upload(connection, upload)
    return JSONResponse(
        {"submission": submission_id, "state": "queued"},
        202,
        headers={"Location": f"{request.scope['root_path']}/v1/submissions/{submission_id}"},
    )


async def _check_sender(request: Request, name: str) -> None:
    async with door_connection(request.app.state.pool) as connection:
        source = await read_source(connection, name)
        waiting = await waiting_uploads(connection, name)
    if source is None or not source.declares_for_all:
        raise Problem(
            403,
            "feed-not-open",
            "Livraison refusée",
            "Une livraison vaut pour toutes les structures : cette source n'en dépose pas.",
        )
    if len(waiting) >= MOST_WAITING:
        raise Problem(
            429,
            "too-many-uploads",
            "Trop de livraisons en attente",
            f"{len(waiting)} livraisons de cette source attendent déjà d'être chargées.",
            headers={"Retry-After": "60"},
        )


@contextmanager
def _kept_if_whole(archive: Path) -> Iterator[Path]:
    """Where to write; neither draft nor archive is left when the upload is not queued."""
    draft = archive.with_suffix(".part")
    try:
        yield draft
    except BaseException:
        archive.unlink(missing_ok=True)
        raise
    finally:
        draft.unlink(missing_ok=True)


async def _receive(request: Request, target: Path, most: int) -> int:
    """Write the body to `target`, on disk when it returns; its size."""
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb", buffering=0) as file:
        held = bytearray()
        async for piece in bounded(request, most):
            held += piece
            if len(held) >= _PIECE:
                await asyncio.to_thread(_write, file, bytes(held))
                held.clear()
        await asyncio.to_thread(_write, file, bytes(held))
        await asyncio.to_thread(os.fsync, file.fileno())
        size = file.tell()
    if size == 0:
        raise Problem(400, "empty-body", "Envoi vide", "Le corps de la requête est vide.")
    return size


def _write(file: IO[bytes], piece: bytes) -> None:
    view = memoryview(piece)
    while view:
        view = view[file.write(view) :]
