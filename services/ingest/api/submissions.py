"""`GET /v1/submissions/{id}` and its rejects: a source's own, or an operator's without values."""

import io
from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Annotated, Any, Final, Literal
from uuid import UUID

import structlog
from fastapi import APIRouter, Query, Request
from fastapi.encoders import jsonable_encoder
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import JSONResponse, Response, StreamingResponse

from services.ingest.api.connections import door_connection
from services.ingest.receipts import (
    MASKED,
    Receipt,
    Reject,
    all_rejects,
    page_of_rejects,
    read_receipt,
)
from shared.auth.access import Access, requires, route_template
from shared.auth.roles import Principal, Role
from shared.database.types import Connection
from shared.web.exports import CsvWriter, item, item_model
from shared.web.pages import LARGEST_PAGE, Page
from shared.web.problems import Problem

log = structlog.get_logger("submissions")

CSV: Final = "text/csv"
Reader = Annotated[Principal, requires(Access.of(Role.SOURCE, Role.OPERATOR))]


class ProgressDocument(BaseModel):
    """Où en est un chargement : octets lus, puis tranches publiées."""

    phase: Literal["reading", "publishing"]
    done: int
    total: int


class SubmissionDocument(BaseModel):
    """Ce qu'il est advenu d'un dépôt, par quelque porte que ce soit."""

    submission: str
    source: str
    state: Literal["queued", "running", "finished", "refused", "superseded", "failed"]
    received_at: datetime
    finished_at: datetime | None
    progress: ProgressDocument | None
    views: dict[str, dict[str, int]] = Field(description="Lignes de chaque vue d'une livraison")
    documents: dict[str, dict[str, int]] = Field(description="Documents de chaque type")
    warnings: dict[str, int] = Field(description="Avertissements, par code")
    published: int = Field(description="Événements publiés")
    rejects: int = Field(description="Rejets à relire")
    code: str | None = Field(description="Pourquoi la livraison est refusée")
    reason: str | None


class RejectFilters(BaseModel):
    """A page of rejects, or all of them as CSV."""

    model_config = ConfigDict(extra="forbid")

    page: int = Field(1, ge=1, le=1_000_000, description="Page, à partir de 1")
    size: int = Field(100, ge=1, le=LARGEST_PAGE, description="Éléments par page")
    format: Literal["json", "csv"] | None = Field(
        None, description="Sans lui, l'en-tête Accept choisit ; csv donne tout"
    )


_REJECT: Any = item_model(Reject, "Reject")


class RejectPage(Page[Any]):
    """Une page de rejets."""

    items: list[_REJECT]


router = APIRouter(prefix="/submissions", tags=["Dépôts"])


@router.get("/{submission_id}", summary="Un dépôt", response_model=SubmissionDocument)
async def read_submission(request: Request, submission_id: UUID, reader: Reader) -> Response:
    """Son état, son avancement, puis son reçu."""
    async with door_connection(request.app.state.pool) as connection:
        receipt = await _receipt(request, connection, submission_id, reader)
    return JSONResponse(jsonable_encoder(receipt.document))


@router.get(
    "/{submission_id}/rejects",
    summary="Les rejets d'un dépôt",
    response_model=RejectPage,
    responses={200: {"content": {CSV: {"schema": {"type": "string"}}}}},
)
async def list_rejects(
    request: Request,
    submission_id: UUID,
    reader: Reader,
    asked: Annotated[RejectFilters, Query()],
) -> Response:
    """Par vue et ligne, ou par type et place ; l'opérateur n'en voit pas les valeurs."""
    masked = reader.role is Role.OPERATOR
    async with door_connection(request.app.state.pool) as connection:
        receipt = await _receipt(request, connection, submission_id, reader)
        if (asked.format or _preferred(request)) == "csv":
            return StreamingResponse(_csv(request, receipt, masked=masked), media_type=CSV)
        offset = (asked.page - 1) * asked.size
        rows = await page_of_rejects(connection, receipt.load, asked.size, offset)
    return JSONResponse(
        {
            "items": [item(row) for row in _shown(rows, masked=masked)],
            "total": receipt.document["rejects"],
            "page": asked.page,
            "size": asked.size,
        }
    )


async def _receipt(
    request: Request, connection: Connection, submission_id: UUID, reader: Principal
) -> Receipt:
    """The receipt asked for; 404 alike when there is none and when it is another's."""
    receipt = await read_receipt(connection, str(submission_id))
    if receipt is not None and reader.role is Role.OPERATOR:
        return receipt
    if receipt is not None and receipt.source == reader.source:
        return receipt
    log.warning(
        "access_refused",
        method=request.method,
        route=route_template(request),
        status=404,
        code="submission-not-found",
        role=reader.role,
    )
    raise Problem(
        404,
        "submission-not-found",
        "Dépôt introuvable",
        "Ce dépôt n'existe pas, ou n'est pas de votre source.",
    )


def _preferred(request: Request) -> str:
    accepted = request.headers.get("accept", "")
    return "csv" if CSV in accepted and "application/json" not in accepted else "json"


def _shown(rows: Sequence[Reject], *, masked: bool) -> Sequence[Reject]:
    return [row._replace(value=MASKED) for row in rows] if masked else rows


async def _csv(request: Request, receipt: Receipt, *, masked: bool) -> AsyncIterator[str]:
    """The whole table, some thousands of rows at once."""
    text = io.StringIO(newline="")
    writer = CsvWriter(text, Reject)
    async with door_connection(request.app.state.pool) as connection:
        async for rows in all_rejects(connection, receipt.load):
            writer.write(_shown(rows, masked=masked))
            yield text.getvalue()
            text.seek(0)
            text.truncate()
    yield text.getvalue()
