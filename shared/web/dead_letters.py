"""Routes over the dead letters of one service, for the operator: never a payload.

The app's state holds `pool` and `settings`.
"""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Annotated, Any

import structlog
from fastapi import APIRouter, Depends, Path, Query, Request
from pydantic import BaseModel, Field
from starlette.responses import Response

from shared.auth.access import Access, requires
from shared.auth.roles import Role
from shared.database.dead_letters import FailureKind, count_letters, list_letters, read_letter
from shared.database.types import Connection
from shared.kafka.cluster import UNAVAILABLE
from shared.kafka.recoveries import ReplayRefusedError, replay
from shared.web.etag import tagged_json
from shared.web.pages import AskedPage, Page, page_of
from shared.web.problems import Problem, problem_of

LARGEST_ID = 2**63 - 1

log = structlog.get_logger()


class DeadLetterItem(BaseModel):
    """A record that the service could not apply, in a list."""

    id: int
    kind: FailureKind = Field(description="Sorte de faute")
    topic: str = Field(description="Sujet Kafka")
    partition: int
    offset: int
    failed_at: datetime
    recoveries: int = Field(description="Combien de fois il a été rejoué")


class DeadLetterDetail(DeadLetterItem):
    """Its failure and its source; the content is not shown, only its size and digest."""

    processor: str = Field(description="Groupe de consommateurs qui l'a refusé")
    reason: str
    paths: list[str] = Field(description="Champs en faute, jamais une valeur")
    record_timestamp: datetime
    payload_size: int = Field(description="Octets du contenu entier")
    payload_digest: str | None = Field(description="SHA-256 du contenu entier")
    replayed_at: datetime | None


class Replayed(BaseModel):
    """The record is on its way to its topic again."""

    id: int
    recoveries: int = Field(description="Combien de fois il a été rejoué")


async def _connection(request: Request) -> AsyncIterator[Connection]:
    async with request.app.state.pool.acquire() as connection:
        yield connection


Reads = Annotated[Connection, Depends(_connection)]
LetterId = Annotated[int, Path(ge=1, le=LARGEST_ID, description="Identifiant")]
Kind = Annotated[FailureKind | None, Query(description="Sorte de faute")]


def dead_letter_router(service: str) -> APIRouter:
    """The routes for `service`, under `/v1/dead-letters`."""
    router = APIRouter(
        prefix="/v1/dead-letters",
        tags=["Enregistrements illisibles"],
        dependencies=[requires(Access.of(Role.OPERATOR))],
        generate_unique_id_function=lambda route: f"{service}_{route.name}",
    )

    @router.get("", summary="Enregistrements illisibles", response_model=Page[DeadLetterItem])
    async def list_dead_letters(
        request: Request, reads: Reads, asked: AskedPage, kind: Kind = None
    ) -> Response:
        """Du plus ancien au plus récent, sans leur contenu."""
        rows = await list_letters(reads, kind, asked.size, asked.offset)
        items = [DeadLetterItem(**row) for row in rows]
        return tagged_json(request, page_of(items, await count_letters(reads, kind), asked))

    @router.get("/{id}", summary="Un enregistrement illisible", response_model=DeadLetterDetail)
    async def show_dead_letter(
        request: Request, reads: Reads, identifier: Annotated[LetterId, Path(alias="id")]
    ) -> Response:
        """La faute, ses chemins, la source et l'empreinte ; jamais le contenu."""
        letter = await read_letter(reads, identifier)
        if letter is None:
            raise _refusal("dead-letter-unknown")
        return tagged_json(request, DeadLetterDetail(**letter))

    @router.post(
        "/{id}/replay",
        summary="Rejouer un enregistrement",
        status_code=202,
        response_model=Replayed,
        responses={503: {"description": "Kafka ne répond pas"}},
    )
    async def replay_dead_letter(
        request: Request, reads: Reads, identifier: Annotated[LetterId, Path(alias="id")]
    ) -> Any:
        """Le republie tel qu'il était, la cause corrigée ; il ne s'applique qu'une fois."""
        try:
            recoveries = await replay(reads, request.app.state.settings, identifier)
        except ReplayRefusedError as refused:
            raise _refusal(refused.code) from refused
        except UNAVAILABLE as error:
            raise problem_of(503, {"Retry-After": "30"}) from error
        log.info("dead_letter_replayed", service=service, dead_letter=identifier)
        return Replayed(id=identifier, recoveries=recoveries)

    return router


_DETAILS = {
    "dead-letter-unknown": "Cet enregistrement n'existe pas, ou n'est plus gardé.",
    "record-gone": "Cet enregistrement n'est plus dans le journal : il ne peut être rejoué.",
    "record-never-readable": "Aucune version ne pourra le lire : il n'y a rien à rejouer.",
}


def _refusal(code: str) -> Problem:
    status = 404 if code == "dead-letter-unknown" else 409
    title = "Enregistrement introuvable" if status == 404 else "Rejeu impossible"
    return Problem(status, code, title, _DETAILS[code])
