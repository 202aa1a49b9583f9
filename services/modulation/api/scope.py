"""Who reads what: the rows of one's scope, by their deciding département.

The SIAE reads its own rows: until the definitive extraction its six numbers and its controls
alone, no amount, no rate, no figure of a group. The CD and the DDETS read their département's
rows, the DREETS its region's, the DGEFP all.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Annotated, Any, Final

from fastapi import Request

from services.modulation.api.filters import ExitFilters, TerritoryFilters
from services.modulation.domain.facts import StructureFacts
from services.modulation.domain.findings import RowFindings
from services.modulation.domain.indicators import find
from services.modulation.exports.indicators import IndicatorRow
from services.modulation.exports.results import PlacedExit, Results, ResultsCache, read_results
from services.modulation.queries.facts import stream_facts
from shared.auth.access import Access, requires
from shared.auth.roles import Principal, Reach, Role, annex_filter, may_read
from shared.database.access_log import NominativeAccess, note_access
from shared.database.reads import snapshot
from shared.reference.departments import region_of
from shared.web.answers import not_found
from shared.web.exports import item
from shared.web.problems import Problem

AMOUNTS: Final = ("socle_eur_cents", "state_eur_cents", "department_eur_cents")
"""Columns that a SIAE does not see."""

READERS = Access.of(Role.SIAE, Role.CD, Role.DDETS, Role.DREETS, Role.DGEFP)
FUNDERS = Access.of(Role.CD, Role.DDETS, Role.DREETS, Role.DGEFP)

Reader = Annotated[Principal, requires(READERS)]
Funder = Annotated[Principal, requires(FUNDERS)]


def business_date(request: Request) -> date:
    """Today's (Paris): it tells ended stays from those that still run."""
    today: date = request.app.state.settings.business_date()
    return today


async def results(request: Request, reader: Principal, year: int, region: str | None) -> Results:
    """The results that hold all of one's rows: one's structures', region's or the nation's."""
    today, pool = business_date(request), request.app.state.pool
    scope = annex_filter(reader)
    if scope.reach is Reach.STRUCTURES:
        async with snapshot(pool) as reads:
            return await read_results(reads, year, today, structures=sorted(scope.structures))
    kept: ResultsCache = request.app.state.results
    own = reader.region or (region_of(reader.department) if reader.department else None)
    return await kept.read(pool, year, today, own or region)


async def read_row(
    request: Request, year: int, structure_id: int, type_: str
) -> tuple[StructureFacts, RowFindings] | None:
    """The findings of one row, and the facts that they were found in; None without such a row."""
    async with snapshot(request.app.state.pool) as reads:
        (facts,) = [one async for one in stream_facts(reads, year, [structure_id])]
    rows = find(facts, year, business_date(request))
    return next(((facts, found) for found in rows if found.row.type == type_), None)


def rows_of(found: Results, reader: Principal, filters: TerritoryFilters) -> list[dict[str, Any]]:
    """The rows of one's scope that the filters keep; without amounts for a SIAE."""
    scope = annex_filter(reader)
    asked = filters.model_dump()
    rows = [
        row
        for row in found.rows
        if may_read(scope, structure_id=row.structure_id, department=row.department)
        and all(
            asked.get(name) in {None, getattr(row, name)}
            for name in ("region", "department", "type", "structure_id")
        )
    ]
    return [shown(row, reader) for row in rows]


def exits_of(found: Results, reader: Principal, filters: ExitFilters) -> list[PlacedExit]:
    """The exits of one's scope that the filters keep."""
    scope = annex_filter(reader)
    return [
        one
        for one in found.exits
        if may_read(scope, structure_id=one.row.structure_id, department=one.department)
        and filters.structure_id in {None, one.row.structure_id}
        and filters.department in {None, one.department}
        and filters.region in {None, region_of(one.department) if one.department else None}
    ]


def shown(row: IndicatorRow, reader: Principal) -> dict[str, Any]:
    """The row as its reader may see it: no amount for a SIAE."""
    document = item(row)
    hidden = AMOUNTS if reader.role is Role.SIAE else ()
    return {**document, **dict.fromkeys(hidden)}


def row_not_found(request: Request, reader: Principal) -> Problem:
    """The same 404 when there is no such row and when it is another's; logged."""
    return not_found(
        request,
        reader,
        "row-not-found",
        "Structure introuvable",
        "Cette structure n'a pas de ligne de ce type cette année, ou n'est pas de votre périmètre.",
    )


async def note(
    request: Request, reader: Principal, action: str, resource: str, *, allowed: bool
) -> None:
    """Note a reading of nominative data, before it is shown."""
    access = NominativeAccess(datetime.now(UTC), reader.described, action, resource, allowed)
    async with request.app.state.pool.acquire() as connection:
        await note_access(connection, access)


def within_group(rows: Sequence[IndicatorRow], reader: Principal) -> frozenset[int]:
    """Structures of a group that the reader may see one by one."""
    scope = annex_filter(reader)
    return frozenset(
        row.structure_id
        for row in rows
        if may_read(scope, structure_id=row.structure_id, department=row.department)
    )
