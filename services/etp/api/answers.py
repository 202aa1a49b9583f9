"""What every route of the read API needs: who reads, a snapshot of the database, its 404."""

from collections.abc import AsyncIterator
from datetime import date
from typing import Annotated, Any

from fastapi import Depends, Path, Request

from services.etp.api.filters import LARGEST_ID, AsOf
from shared.auth.access import Access, requires
from shared.auth.roles import Principal, Role
from shared.database.reads import snapshot
from shared.database.types import Connection
from shared.web.answers import not_found
from shared.web.problems import Problem

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
    return not_found(
        request,
        reader,
        "annex-not-found",
        "Annexe introuvable",
        "Cette annexe n'existe pas, ne compte pas, ou n'est pas de votre périmètre.",
    )


def figure_not_found(request: Request, reader: Principal) -> Problem:
    """The same 404 when there is no such figure and when it is outside one's scope; logged."""
    return not_found(
        request,
        reader,
        "figure-not-found",
        "Chiffre introuvable",
        "Aucun mois d'annexe de votre périmètre n'y entre.",
    )


async def every(lists: AsyncIterator[list[Any]]) -> list[Any]:
    """The rows of all lists."""
    return [row async for rows in lists for row in rows]
