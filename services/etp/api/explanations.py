"""Routes that explain a figure, down to the declarations that it is made of.

A month's lines are nominative: shown to who may read the annex, and noted in the access log
before they are.
"""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from starlette.responses import Response

from services.etp.api.answers import (
    AnnexId,
    Reader,
    Reads,
    annex_not_found,
    business_date,
    every,
    figure_not_found,
)
from services.etp.api.filters import (
    LARGEST_ID,
    AnnexExplained,
    StructureExplained,
    TerritoryExplained,
    select,
    year_and_month,
)
from services.etp.api.models import (
    ANNEX_EXPLANATION,
    MONTH_EXPLANATION,
    STRUCTURE,
    TERRITORY,
    sum_model,
)
from services.etp.domain import formulas, rsa
from services.etp.exports import aggregates, annexes, history, months
from services.etp.exports import explanations as made
from services.etp.exports.groups import SummedRow, summed_months
from services.etp.queries.selection import Selection
from shared.auth.roles import Principal, annex_filter, may_read
from shared.database.access_log import NominativeAccess, note_access
from shared.database.reads import snapshot
from shared.database.types import Connection
from shared.numbers import exact, plain
from shared.web.answers import answer, items
from shared.web.exports import ETP, item

router = APIRouter(prefix="/v1", tags=["Explications"])

LINES_READ = "monthly-lines"
"""The action of the access log."""


@router.get(
    "/annexes/{annex_id}/explanation",
    summary="D'où viennent les chiffres d'une annexe, ou d'un de ses mois",
    response_model=MONTH_EXPLANATION | ANNEX_EXPLANATION,
)
async def explain_annex(
    request: Request,
    *,
    annex_id: AnnexId,
    reader: Reader,
    filters: Annotated[AnnexExplained, Query()],
) -> Response:
    """Formules, mois et déclarations de l'annexe ; avec `month`, les lignes du mois : nominatives,
    leur lecture est notée."""
    async with snapshot(request.app.state.pool) as reads:
        selection = Selection(filters.revision, annexes=(annex_id,))
        annex = next(iter(await annexes.annexes(reads, selection)), None)
        if annex is None:
            raise annex_not_found(request, reader)
        readable = may_read(
            annex_filter(reader), structure_id=annex.structure_id, department=annex.department
        )
        document = await _document(request, reads, annex, filters) if readable else None
    shows_lines = document is not None and bool(document.get("lines"))
    if filters.month and (shows_lines or not readable):
        await _note(request, reader, annex_id, filters.month, allowed=readable)
    if not readable:
        raise annex_not_found(request, reader)
    if document is None:
        raise figure_not_found(request, reader)
    return answer(request, document)


async def _document(
    request: Request, reads: Connection, annex: annexes.AnnexRow, filters: AnnexExplained
) -> dict[str, Any] | None:
    """The explanation asked for; None when the month is neither of the annex nor declared."""
    selection = Selection(filters.revision, annexes=(annex.annex_id,))
    versions = await history.versions(reads, annex.annex_id, selection.as_of)
    declared = await months.read_declared(reads, annex, selection.as_of)
    shown = await every(annexes.annex_months(reads, selection, business_date(request, filters)))
    document = {"annex": item(made.inputs(annex, versions))}
    if filters.month is None:
        return {
            **document,
            "figures": items(made.steps(formulas.ANNEX, annex)),
            "months": [_month(annex, month, declared) for month in shown],
            "brsa_targets": _targets(annex, shown, declared),
            "declarations": items(versions),
        }
    year, number = year_and_month(filters.month)
    month = next((one for one in shown if (one.year, one.month) == (year, number)), None)
    if month is None:
        return None
    more = months.detail(annex, month, declared)
    amount = months.rsa_amount(annex, month, declared)
    return {
        **document,
        "month": _month(annex, month, declared),
        "figures": items(made.month_steps(formulas.MONTH, month, more)),
        "rsa_amount": None if amount is None else plain(amount),
        "lines": items(made.lines(annex, month, declared)),
        "declarations": items(
            await made.revisions(reads, annex.annex_id, year, number, selection.as_of)
        ),
    }


def _month(
    annex: annexes.AnnexRow, month: annexes.AnnexMonthRow, declared: months.Declared
) -> dict[str, Any]:
    record = declared.months.get((month.year, month.month))
    more = months.detail(annex, month, declared)
    return {**item(month), **item(more), **item(made.exact_month(month, record))}


def _targets(
    annex: annexes.AnnexRow, shown: list[annexes.AnnexMonthRow], declared: months.Declared
) -> list[dict[str, Any]]:
    if annex.kind != rsa.TARGETED_KIND:
        return []
    targets = {
        (month.year, month.month): months.detail(annex, month, declared).brsa_target
        for month in shown
        if month.in_period
    }
    return [
        {
            "year": year,
            "brsa_target": None if target is None else ETP.json(target),
            "exact": None if target is None else exact(target),
        }
        for year, target in rsa.year_targets(targets).items()
    ]


async def _note(
    request: Request, reader: Principal, annex_id: int, month: str, *, allowed: bool
) -> None:
    access = NominativeAccess(
        datetime.now(UTC), reader.described, LINES_READ, f"annex {annex_id} {month}", allowed
    )
    async with request.app.state.pool.acquire() as connection:
        await note_access(connection, access)


@router.get(
    "/structures/{structure_id}/explanation",
    summary="Les mois d'annexes que somme un chiffre de structure",
    response_model=sum_model(STRUCTURE),
)
async def explain_structure(
    request: Request,
    *,
    structure_id: Annotated[
        int, Path(ge=0, le=LARGEST_ID, description="Identifiant de la structure")
    ],
    reader: Reader,
    reads: Reads,
    filters: Annotated[StructureExplained, Query()],
) -> Response:
    """Le chiffre d'un mois et d'un type, sa formule, et ses annexes du périmètre."""
    year, month = year_and_month(filters.month)
    scoped = select(annex_filter(reader), filters, structure_id=structure_id)
    selection = replace(scoped, year=year)
    sums = await every(aggregates.structures(reads, selection))
    parts = await summed_months(reads, selection, month)
    return _sum(request, reader, [row for row in sums if row.month == month], parts)


@router.get(
    "/territories/explanation",
    summary="Les mois d'annexes que somme un chiffre de territoire",
    response_model=sum_model(TERRITORY),
)
async def explain_territory(
    request: Request, reader: Reader, reads: Reads, filters: Annotated[TerritoryExplained, Query()]
) -> Response:
    """Le chiffre d'un mois, d'un type et d'un département, sa formule, et ses annexes du
    périmètre."""
    year, month = year_and_month(filters.month)
    selection = replace(select(annex_filter(reader), filters), year=year)
    sums = await every(aggregates.territories(reads, selection))
    parts = await summed_months(
        reads, selection, month, unknown_department=filters.department is None
    )
    found = [row for row in sums if (row.month, row.department) == (month, filters.department)]
    return _sum(request, reader, found, parts)


def _sum(request: Request, reader: Principal, sums: list[Any], parts: list[SummedRow]) -> Response:
    if not sums:
        raise figure_not_found(request, reader)
    document = {
        "sum": item(sums[0]),
        "figures": items(made.steps(formulas.GROUP, sums[0])),
        "annex_months": items(parts),
    }
    return answer(request, document)
