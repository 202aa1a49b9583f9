"""`POST /v1/declarations`: a batch, a verdict for each declaration."""

import asyncio
import hashlib
from datetime import UTC, datetime
from typing import Annotated, Any, Final

from fastapi import APIRouter, Header, Request
from pydantic_core import to_json
from starlette.responses import JSONResponse, Response

from services.ingest import intake
from services.ingest.api.bodies import media_type, whole
from services.ingest.api.connections import door_connection
from services.ingest.api.models import (
    JSON,
    NDJSON,
    ReceiptDocument,
    declarations_body,
)
from services.ingest.batches import Read, read_body
from services.ingest.readers.bodies import BodyRefused
from services.ingest.settings import IngestSettings
from shared.auth.access import Access, requires
from shared.auth.roles import Principal, Role
from shared.web.problems import MEDIA_TYPE, Problem

DOOR: Final = "declarations"
Declarer = Annotated[Principal, requires(Access.of(Role.SOURCE))]

_REFUSED: Final[dict[str, Any]] = {
    "content": {
        MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/RefusedReceiptDocument"}},
    },
}
_RESPONSES: Final[dict[int | str, dict[str, Any]]] = {
    207: {"description": "Quelques-unes sont rejetées", "model": ReceiptDocument},
    400: {"description": "Aucune n'est acceptée, ou l'envoi est illisible", **_REFUSED},
    403: {"description": "Rôle refusé, ou aucune structure n'a donné mandat", **_REFUSED},
    503: {"description": "Rien n'a pu être conservé ; voir Retry-After", **_REFUSED},
}

router = APIRouter(tags=["Dépôts"])


@router.post(
    "/declarations",
    status_code=201,
    summary="Déposer des déclarations",
    response_model=ReceiptDocument,
    response_description="Toutes sont acceptées ou inchangées",
    responses=_RESPONSES,
    openapi_extra={"requestBody": declarations_body()},
)
async def declare(
    request: Request,
    declarer: Declarer,
    idempotency_key: Annotated[
        str | None,
        Header(
            min_length=1,
            max_length=255,
            pattern=r"^[!-~]+$",
            description="La même clé avec le même corps donne la même réponse, 24 heures au moins",
        ),
    ] = None,
) -> Response:
    """Un tableau JSON, une seule déclaration, ou une déclaration par ligne (NDJSON).

    Ce qui est accepté est durable avant la réponse. Le même envoi à nouveau ne publie rien.
    """
    settings: IngestSettings = request.app.state.settings
    given = media_type(request, JSON, NDJSON)
    body = await whole(request, settings.declarations_max_bytes)
    read, digest = await asyncio.gather(
        asyncio.to_thread(_read, body, given, settings.declarations_max_count),
        asyncio.to_thread(_digest, body, given),
    )
    batch = intake.Batch(read, digest, idempotency_key)
    async with door_connection(request.app.state.pool) as connection:
        answer = await intake.take(
            settings, connection, declarer.source or "", batch, datetime.now(UTC)
        )
    if not answer.again:
        _count(request, answer)
    return _respond(answer)


def _read(body: bytes, given: str, most: int) -> list[Read]:
    try:
        return read_body(body, by_line=given == NDJSON, most=most)
    except BodyRefused as refused:
        raise Problem(
            refused.status, refused.code, "Envoi refusé en entier", refused.message
        ) from refused


def _digest(body: bytes, given: str) -> bytes:
    digest = hashlib.blake2b(given.encode() + b"\n", digest_size=16)
    digest.update(body)
    return digest.digest()


def _count(request: Request, answer: intake.Answer) -> None:
    for item in answer.body["items"]:
        for error in item["errors"][:1]:
            request.app.state.refused(DOOR, error["code"])


def _respond(answer: intake.Answer) -> Response:
    headers = {"Idempotent-Replayed": "true"} if answer.again else {}
    if answer.status < 400:
        return Response(to_json(answer.body), answer.status, headers, JSON)
    document = {
        "type": "urn:cadran:problem:none-accepted",
        "title": "Aucune déclaration acceptée",
        "status": answer.status,
        "detail": "Chaque déclaration porte la raison de son rejet.",
        "code": "none-accepted",
        "errors": [],
        **answer.body,
    }
    return JSONResponse(document, answer.status, headers, MEDIA_TYPE)
