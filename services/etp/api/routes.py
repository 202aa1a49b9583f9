"""Routes of the read API. Figures, columns and rounding are those of the exports.

The SIAE reads its own structures' annexes, the CD and the DDETS their department's, the DREETS
its region's, the DGEFP all; what lies outside is not listed, and answers 404.
"""

import json
from collections.abc import AsyncIterator, Sequence
from datetime import date
from typing import Annotated, Any

import structlog
from fastapi import APIRouter, Depends, Path, Query, Request
from starlette.responses import Response

from services.etp.api.filters import (
    LARGEST_ID,
    AnnexFilters,
    AsOf,
    MonthFilters,
    StructureFilters,
    TerritoryFilters,
    select,
)
from services.etp.api.models import ANNEX, DETAIL, MONTH, STRUCTURE, TERRITORY, page_model
from services.etp.exports import aggregates, annexes, history
from services.etp.queries.aggregates import count_structures, count_territories
from services.etp.queries.annexes import count_annexes
from services.etp.queries.selection import Selection, snapshot
from shared.auth.access import Access, requires, route_template
from shared.auth.roles import Principal, Role, annex_filter
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


def _business_date(request: Request, filters: AsOf) -> date:
    """Today's, or that of the instant asked about: late then, not since."""
    today: date = request.app.state.settings.business_date(filters.as_of)
    return today


Reader = Annotated[Principal, requires(READERS)]
Reads = Annotated[Connection, Depends(_reads)]
AnnexId = Annotated[int, Path(ge=0, le=LARGEST_ID, description="Identifiant de l'annexe")]

router = APIRouter(prefix="/v1", tags=["ETP"])


@router.get("/annexes", summary="Annexes et leur consommation", response_model=page_model(ANNEX))
async def list_annexes(
    request: Request, reader: Reader, reads: Reads, filters: Annotated[AnnexFilters, Query()]
) -> Response:
    """Les annexes qui comptent, par identifiant ; une année garde celles qui y ont un mois."""
    selection = select(annex_filter(reader), filters)
    if filters.class_ is None:
        rows = await annexes.annexes(reads, selection, filters.window)
        return _page(request, rows, await count_annexes(reads, selection), filters.request)
    found = [row for row in await annexes.annexes(reads, selection) if row.class_ == filters.class_]
    return _cut(request, found, filters.request)


@router.get("/annexes/{annex_id}", summary="Une annexe", response_model=DETAIL)
async def read_annex(
    request: Request,
    *,
    annex_id: AnnexId,
    reader: Reader,
    reads: Reads,
    filters: Annotated[AsOf, Query()],
) -> Response:
    """L'annexe, ses mois, et chaque version déclarée avec sa source et sa date."""
    selection = select(annex_filter(reader), filters, (annex_id,))
    row = await _annex(request, reader, reads, selection)
    today = _business_date(request, filters)
    document = {
        **item(row),
        "annual_view": item(history.annual_row(row)),
        "versions": _items(await history.versions(reads, annex_id, selection.as_of)),
        "months": _items(await _all(annexes.annex_months(reads, selection, today))),
    }
    return _answer(request, document)


@router.get(
    "/annexes/{annex_id}/months", summary="Les mois d'une annexe", response_model=page_model(MONTH)
)
async def list_months(
    request: Request,
    *,
    annex_id: AnnexId,
    reader: Reader,
    reads: Reads,
    filters: Annotated[MonthFilters, Query()],
) -> Response:
    """Ses mois, déclarés ou non, et les mois déclarés hors d'elle."""
    scope = annex_filter(reader)
    await _annex(request, reader, reads, select(scope, AsOf(as_of=filters.as_of), (annex_id,)))
    selection = select(scope, filters, (annex_id,))
    today = _business_date(request, filters)
    rows = await _all(annexes.annex_months(reads, selection, today))
    return _cut(request, rows, filters.request)


@router.get(
    "/structures", summary="Mois des structures, par type", response_model=page_model(STRUCTURE)
)
async def list_structures(
    request: Request, reader: Reader, reads: Reads, filters: Annotated[StructureFilters, Query()]
) -> Response:
    """Sommes sur les annexes du périmètre, par structure, type, année et mois."""
    selection = select(annex_filter(reader), filters)
    rows = await _all(aggregates.structures(reads, selection, filters.window))
    return _page(request, rows, await count_structures(reads, selection), filters.request)


@router.get(
    "/territories",
    summary="Mois des territoires, par type et département",
    response_model=page_model(TERRITORY),
)
async def list_territories(
    request: Request, reader: Reader, reads: Reads, filters: Annotated[TerritoryFilters, Query()]
) -> Response:
    """Sommes sur les annexes du périmètre, par année, mois, type et département."""
    selection = select(annex_filter(reader), filters)
    rows = await _all(aggregates.territories(reads, selection, filters.window))
    return _page(request, rows, await count_territories(reads, selection), filters.request)


async def _annex(
    request: Request, reader: Principal, reads: Connection, selection: Selection
) -> annexes.AnnexRow:
    """The annex of the selection; 404 alike when there is none and when it is another's."""
    rows = await annexes.annexes(reads, selection)
    if rows:
        return rows[0]
    log.warning(
        "access_refused",
        method=request.method,
        route=route_template(request),
        status=404,
        code="annex-not-found",
        role=reader.role,
    )
    raise Problem(
        404,
        "annex-not-found",
        "Annexe introuvable",
        "Cette annexe n'existe pas, ne compte pas, ou n'est pas de votre périmètre.",
    )


async def _all(lists: AsyncIterator[list[Any]]) -> list[Any]:
    return [row async for rows in lists for row in rows]


def _items(rows: Sequence[tuple[Any, ...]]) -> list[dict[str, Any]]:
    return [item(row) for row in rows]


def _cut(request: Request, rows: Sequence[tuple[Any, ...]], asked: PageRequest) -> Response:
    """The page asked for of rows that are all at hand."""
    page = rows[asked.offset : asked.offset + asked.size]
    return _page(request, page, len(rows), asked)


def _page(
    request: Request, rows: Sequence[tuple[Any, ...]], total: int, asked: PageRequest
) -> Response:
    document = {"items": _items(rows), "total": total, "page": asked.page, "size": asked.size}
    return _answer(request, document)


def _answer(request: Request, document: dict[str, Any]) -> Response:
    content = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    return tagged(request, content.encode())
