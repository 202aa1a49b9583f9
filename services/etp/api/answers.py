"""What every route of the read API needs: who reads, a snapshot of the database, the answer."""

import json
from collections.abc import AsyncIterator, Sequence
from datetime import date
from typing import Annotated, Any

import structlog
from fastapi import Depends, Path, Request
from starlette.responses import Response

from services.etp.api.filters import LARGEST_ID, AsOf
from shared.auth.access import Access, requires, route_template
from shared.auth.roles import Principal, Role
from shared.database.reads import snapshot
from shared.database.types import Connection
from shared.web.etag import tagged
from shared.web.exports import item
from shared.web.pages import PageRequest
from shared.web.problems import Problem

log = structlog.get_logger()

READERS = Access.of(Role.SIAE, Role.CD, Role.DDETS, Role.DREETS, Role.DGEFP)


async def _reads(request: Request) -> AsyncIterator[Connection]:
    async with snapshot(request.app.state.pool) as connection:
        yield connection


Reader = Annotated[Principal, requires(READERS)]
Reads = Annotated[Connection, Depends(_reads)]
AnnexId = Annotated[int, Path(ge=0, le=LARGEST_ID, description="Identifiant de l'annexe")]


def business_date(request: Request, filters: AsOf) -> date:
    """Today's, or that of the instant asked about: late then, not since."""
    today: date = request.app.state.settings.business_date(filters.as_of)
    return today


def annex_not_found(request: Request, reader: Principal) -> Problem:
    """The same 404 when there is no such annex and when it is another's; logged."""
    return _not_found(
        request,
        reader,
        "annex-not-found",
        "Annexe introuvable",
        "Cette annexe n'existe pas, ne compte pas, ou n'est pas de votre périmètre.",
    )


def figure_not_found(request: Request, reader: Principal) -> Problem:
    """The same 404 when there is no such figure and when it is outside one's scope; logged."""
    return _not_found(
        request,
        reader,
        "figure-not-found",
        "Chiffre introuvable",
        "Aucun mois d'annexe de votre périmètre n'y entre.",
    )


def _not_found(request: Request, reader: Principal, code: str, title: str, detail: str) -> Problem:
    log.warning(
        "access_refused",
        method=request.method,
        route=route_template(request),
        status=404,
        code=code,
        role=reader.role,
    )
    return Problem(404, code, title, detail)


async def every(lists: AsyncIterator[list[Any]]) -> list[Any]:
    """The rows of all lists."""
    return [row async for rows in lists for row in rows]


def items(rows: Sequence[tuple[Any, ...]]) -> list[dict[str, Any]]:
    """Rows as JSON objects."""
    return [item(row) for row in rows]


def cut(request: Request, rows: Sequence[Any], asked: PageRequest) -> Response:
    """The page asked for of items that are all at hand."""
    return page(request, rows[asked.offset : asked.offset + asked.size], len(rows), asked)


def page(request: Request, rows: Sequence[Any], total: int, asked: PageRequest) -> Response:
    """A page of rows, or of objects made of them."""
    shown = [row if isinstance(row, dict) else item(row) for row in rows]
    document = {"items": shown, "total": total, "page": asked.page, "size": asked.size}
    return answer(request, document)


def answer(request: Request, document: dict[str, Any]) -> Response:
    """A JSON document with its ETag."""
    content = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    return tagged(request, content.encode())
