"""Routes of the read API. Figures, columns and rounding are those of the exports.

The SIAE reads its own structures' annexes, the CD and the DDETS their department's, the DREETS
its region's, the DGEFP all; what lies outside is not listed, and answers 404.
"""

from dataclasses import replace
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from services.etp.api.answers import AnnexId, Reader, Reads, annex_not_found, business_date, every
from services.etp.api.filters import (
    AnnexFilters,
    AsOf,
    MonthFilters,
    StructureFilters,
    TerritoryFilters,
    select,
)
from services.etp.api.models import (
    ANNEX,
    DETAIL,
    DIFFERENCE,
    MONTH,
    STRUCTURE,
    TERRITORY,
)
from services.etp.exports import aggregates, annexes, differences, history
from services.etp.exports.months import detail, read_declared
from services.etp.queries.aggregates import count_structures, count_territories
from services.etp.queries.annexes import count_annexes
from services.etp.queries.differences import count_differences
from services.etp.queries.selection import Selection
from shared.auth.roles import Principal, annex_filter
from shared.database.types import Connection
from shared.web.answers import answer, cut, items, page
from shared.web.exports import item
from shared.web.pages import page_model

router = APIRouter(prefix="/v1", tags=["ETP"])


@router.get("/annexes", summary="Annexes et leur consommation", response_model=page_model(ANNEX))
async def list_annexes(
    request: Request, reader: Reader, reads: Reads, filters: Annotated[AnnexFilters, Query()]
) -> Response:
    """Les annexes qui comptent, par identifiant ; une année garde celles qui y ont un mois."""
    selection = select(annex_filter(reader), filters)
    if filters.class_ is None:
        rows = await annexes.annexes(reads, selection, filters.window)
        return page(request, rows, await count_annexes(reads, selection), filters.request)
    found = [row for row in await annexes.annexes(reads, selection) if row.class_ == filters.class_]
    return cut(request, found, filters.request)


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
    document = {
        **item(row),
        "annual_view": item(history.annual_row(row)),
        "versions": items(await history.versions(reads, annex_id, selection.as_of)),
        "months": await _months(reads, row, selection, business_date(request, filters)),
    }
    return answer(request, document)


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
    selection = select(scope, filters, (annex_id,))
    annex = await _annex(request, reader, reads, replace(selection, year=None))
    rows = await _months(reads, annex, selection, business_date(request, filters))
    return cut(request, rows, filters.request)


@router.get(
    "/structures", summary="Mois des structures, par type", response_model=page_model(STRUCTURE)
)
async def list_structures(
    request: Request, reader: Reader, reads: Reads, filters: Annotated[StructureFilters, Query()]
) -> Response:
    """Sommes sur les annexes du périmètre, par structure, type, année et mois."""
    selection = select(annex_filter(reader), filters)
    rows = await every(aggregates.structures(reads, selection, filters.window))
    return page(request, rows, await count_structures(reads, selection), filters.request)


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
    rows = await every(aggregates.territories(reads, selection, filters.window))
    return page(request, rows, await count_territories(reads, selection), filters.request)


@router.get(
    "/differences",
    summary="Écarts avec les chiffres de l'ASP",
    response_model=page_model(DIFFERENCE),
)
async def list_differences(
    request: Request, reader: Reader, reads: Reads, filters: Annotated[StructureFilters, Query()]
) -> Response:
    """Les mois d'annexes où notre effectif s'écarte de plus de 0,01 ETP de celui de l'ASP."""
    selection = select(annex_filter(reader), filters)
    rows = await every(differences.differences(reads, selection, filters.window))
    return page(request, rows, await count_differences(reads, selection), filters.request)


async def _annex(
    request: Request, reader: Principal, reads: Connection, selection: Selection
) -> annexes.AnnexRow:
    """The annex of the selection; 404 alike when there is none and when it is another's."""
    rows = await annexes.annexes(reads, selection)
    if rows:
        return rows[0]
    raise annex_not_found(request, reader)


async def _months(
    reads: Connection, annex: annexes.AnnexRow, selection: Selection, today: date
) -> list[dict[str, Any]]:
    """The export's columns, then what the API says more."""
    declared = await read_declared(reads, annex, selection.as_of)
    months = await every(annexes.annex_months(reads, selection, today))
    return [{**item(month), **item(detail(annex, month, declared))} for month in months]
