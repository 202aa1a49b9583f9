"""Routes of what a group shares: allocation, methods side by side, simulation. Nothing is kept.

Until there is a campaign these are provisional, and no SIAE reads them. Every answer names its
method and says that the official function is not published.
"""

from collections import defaultdict
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from starlette.responses import Response

from services.modulation.api.filters import (
    LARGEST_ID,
    AllocationFilters,
    RegionFilters,
    SimulationFilters,
    Type,
)
from services.modulation.api.models import ALLOCATION, SIDE_BY_SIDE, SIMULATION
from services.modulation.api.scope import (
    Funder,
    read_row,
    results,
    row_not_found,
    within_group,
)
from services.modulation.domain.allocation.groups import GroupAllocation, allocate_group
from services.modulation.domain.allocation.methods import NOTICE
from services.modulation.domain.simulation import side_by_side, simulate
from services.modulation.exports.allocation import award_rows, group_row
from services.modulation.exports.indicators import IndicatorRow, indicator_row
from services.modulation.exports.results import allocatable, candidate_of
from shared.auth.roles import Principal
from shared.web.answers import answer, not_found
from shared.web.exports import item

router = APIRouter(prefix="/v1", tags=["Modulation"])


@router.get("/allocations", summary="Répartition d'un groupe", response_model=ALLOCATION)
async def read_allocation(
    request: Request, reader: Funder, filters: Annotated[AllocationFilters, Query()]
) -> Response:
    """Les taux et montants des lignes du périmètre, et ce que leur groupe partage."""
    groups = await _groups(request, reader, filters.year, filters.region, filters.type)
    (rows,) = groups.values()
    allocation = allocate_group(allocatable(rows), filters.method)
    return answer(request, _document(allocation, within_group(rows, reader)))


@router.get("/methods", summary="Trois méthodes côte à côte", response_model=SIDE_BY_SIDE)
async def compare_methods(
    request: Request, reader: Funder, filters: Annotated[RegionFilters, Query()]
) -> Response:
    """Chaque groupe de la région, ou celui d'un type, réparti par chaque méthode."""
    groups = await _groups(request, reader, filters.year, filters.region, filters.type)
    methods = [
        _document(allocation, within_group(rows, reader))
        for _, rows in sorted(groups.items())
        for allocation in side_by_side(allocatable(rows)).values()
    ]
    return answer(request, {"notice": NOTICE, "methods": methods})


@router.get(
    "/simulations/{structure_id}/{type}",
    summary="Ce que deviendrait le taux d'une structure",
    response_model=SIMULATION,
)
async def simulate_row(
    request: Request,
    *,
    structure_id: Annotated[
        int, Path(ge=0, le=LARGEST_ID, description="Identifiant de la structure")
    ],
    row_type: Annotated[Type, Path(alias="type", description="Type de structure")],
    reader: Funder,
    filters: Annotated[SimulationFilters, Query()],
) -> Response:
    """Avec d'autres indicateurs, le reste étant égal ; rien n'est écrit."""
    read = await read_row(request, filters.year, structure_id, row_type)
    row = None if read is None else indicator_row(read[1], filters.year)
    if row is None or row.region is None or structure_id not in within_group([row], reader):
        raise row_not_found(request, reader)
    groups = await _groups(request, reader, filters.year, row.region, row_type)
    group = allocatable(groups[row_type])
    if structure_id not in {candidate.structure_id for candidate in group}:
        raise row_not_found(request, reader)
    changed = filters.changed(candidate_of(row).ratios)
    simulated = simulate(group, structure_id, changed, filters.method)
    document = {
        "method": filters.method,
        "notice": NOTICE,
        "before": _award(simulated.before, structure_id),
        "after": _award(simulated.after, structure_id),
    }
    return answer(request, document)


async def _groups(
    request: Request, reader: Principal, year: int, region: str, type_: str | None
) -> dict[str, list[IndicatorRow]]:
    """The rows of each group of a region, by type, where the reader has one; 404 when in none."""
    found = await results(request, reader, year, region)
    groups: dict[str, list[IndicatorRow]] = defaultdict(list)
    for row in found.rows:
        if row.region == region and type_ in {None, row.type}:
            groups[row.type].append(row)
    readable = {
        name: rows
        for name, rows in groups.items()
        if allocatable(rows) and within_group(rows, reader)
    }
    if not readable:
        raise not_found(
            request,
            reader,
            "group-not-found",
            "Groupe introuvable",
            "Aucune structure de votre périmètre n'est de ce groupe cette année.",
        )
    return readable


def _document(allocation: GroupAllocation, seen: frozenset[int]) -> dict[str, Any]:
    return {
        "method": allocation.figures.method,
        "notice": NOTICE,
        "group": item(group_row(allocation.figures)),
        "rows": [item(row) for row in award_rows(allocation) if row.structure_id in seen],
    }


def _award(allocation: GroupAllocation, structure_id: int) -> dict[str, Any]:
    rows = {row.structure_id: row for row in award_rows(allocation)}
    return item(rows[structure_id])
