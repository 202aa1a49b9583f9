"""Routes of indicators, exits and territories. Figures and columns are those of the exports."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from starlette.responses import Response

from services.modulation.api.filters import (
    LARGEST_ID,
    ExitFilters,
    OfYear,
    RowFilters,
    TerritoryFilters,
    Type,
)
from services.modulation.api.models import EXIT, EXPLANATION, INDICATORS, TERRITORY
from services.modulation.api.scope import (
    AMOUNTS,
    Funder,
    Reader,
    exits_of,
    note,
    read_row,
    results,
    row_not_found,
    rows_of,
    shown,
)
from services.modulation.exports.explanations import explanation
from services.modulation.exports.indicators import indicator_row
from services.modulation.exports.territories import territories
from shared.auth.roles import Role, annex_filter, may_read
from shared.web.answers import answer, cut
from shared.web.pages import page_model

ROW_READ, EXITS_READ = "modulation-row", "modulation-exits"
"""Actions of the access log."""

router = APIRouter(prefix="/v1", tags=["Modulation"])

StructureId = Annotated[int, Path(ge=0, le=LARGEST_ID, description="Identifiant de la structure")]
RowType = Annotated[Type, Path(alias="type", description="Type de structure, avec le régime MP")]


@router.get(
    "/indicators",
    summary="Indicateurs et socle des structures",
    response_model=page_model(INDICATORS),
)
async def list_indicators(
    request: Request, reader: Reader, filters: Annotated[RowFilters, Query()]
) -> Response:
    """Les lignes du périmètre, par région, type et structure ; une SIAE voit ses six nombres et
    ses points à contrôler, sans montant."""
    found = await results(request, reader, filters.year, filters.region)
    return cut(request, rows_of(found, reader, filters), filters.request)


@router.get(
    "/indicators/{structure_id}/{type}",
    summary="D'où viennent les chiffres d'une structure",
    response_model=EXPLANATION,
)
async def explain_row(
    request: Request,
    *,
    structure_id: StructureId,
    row_type: RowType,
    reader: Reader,
    filters: Annotated[OfYear, Query()],
) -> Response:
    """Chaque chiffre, avec les salariés, annexes, sorties et contrats dont il est fait :
    nominatif, la lecture est notée."""
    read = await read_row(request, filters.year, structure_id, row_type)
    if read is None:
        raise row_not_found(request, reader)
    facts, found = read
    row = indicator_row(found, filters.year)
    readable = may_read(annex_filter(reader), structure_id=structure_id, department=row.department)
    resource = f"structure {structure_id} {row_type} {filters.year}"
    await note(request, reader, ROW_READ, resource, allowed=readable)
    if not readable:
        raise row_not_found(request, reader)
    document = {**explanation(found, row, facts), "indicators": shown(row, reader)}
    if reader.role is Role.SIAE:
        figures = [one for one in document["figures"] if one["figure"] not in AMOUNTS]
        document |= {"figures": figures, "socle": None}
    return answer(request, document)


@router.get("/exits", summary="Sorties définitives de l'année", response_model=page_model(EXIT))
async def list_exits(
    request: Request, reader: Reader, filters: Annotated[ExitFilters, Query()]
) -> Response:
    """Un contrat par ligne, compté ou non, et pourquoi : nominatif, la lecture est notée."""
    found = await results(request, reader, filters.year, filters.region)
    rows = [one.row for one in exits_of(found, reader, filters)]
    if rows:
        await note(request, reader, EXITS_READ, f"exits {filters.year}", allowed=True)
    return cut(request, rows, filters.request)


@router.get(
    "/territories",
    summary="Tableaux par type d'une région et de ses départements",
    response_model=page_model(TERRITORY),
)
async def list_territories(
    request: Request, reader: Funder, filters: Annotated[TerritoryFilters, Query()]
) -> Response:
    """Sommes, socle et enveloppe (État, départements, total) ; un département lit les siens."""
    found = await results(request, reader, filters.year, filters.region)
    own = reader.department or filters.department
    rows = [
        row
        for row in territories(found.rows)
        if own in {None, row.department}
        and filters.region in {None, row.region}
        and filters.type in {None, row.type}
        and (filters.department in {None, row.department})
    ]
    return cut(request, rows, filters.request)
