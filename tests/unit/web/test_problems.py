"""Problem documents: French, stable codes, and never a word of what was sent."""

import json
from collections.abc import AsyncIterator
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal

import httpx
import pytest
from fastapi import APIRouter, HTTPException, Query, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, field_validator
from structlog.testing import capture_logs

from shared.auth.access import Access, requires
from shared.contracts.fields import DecimalText
from shared.web.app import create_web_app
from shared.web.faults import Fault, faults, path_of
from shared.web.problems import Problem

NIR = "1850693051234"
PERSON = "ZZDUPONT"
JSON = {"Content-Type": "application/json"}


class Line(BaseModel):
    model_config = ConfigDict(extra="forbid")

    hours: Decimal = Field(ge=0, max_digits=6, decimal_places=2)
    month: int = Field(ge=1, le=12)
    state: Literal["SAISI", "VALIDE"]
    on: date
    label: str = Field("", max_length=5)

    @field_validator("label")
    @classmethod
    def refuse_names(cls, label: str) -> str:
        if label.startswith("ZZ"):
            raise ValueError(f"refusé : {label}")
        return label


class Declaration(BaseModel):
    lines: list[Line]


def build() -> Any:
    app = create_web_app("Essai", "Essai")
    router = APIRouter(dependencies=[requires(Access.PUBLIC)])

    @router.post("/declarations")
    async def declare(declaration: Declaration) -> int:
        return len(declaration.lines)

    @router.get("/items/{item}")
    async def item(item: int, year: Annotated[int, Query(ge=2000)]) -> int:
        return item + year

    @router.get("/teapot")
    async def teapot() -> None:
        raise Problem(
            409,
            "already-there",
            "Déjà là",
            "Cet envoi est déjà en cours.",
            errors=[Fault("key-reused", "data.id", "Clé déjà vue.")],
            headers={"Retry-After": "3"},
        )

    @router.get("/plain")
    async def plain() -> None:
        raise HTTPException(403, f"secret {PERSON}")

    @router.get("/boom")
    async def boom() -> None:
        raise RuntimeError(f"{NIR} {PERSON}")

    @router.get("/cut")
    async def cut() -> Response:
        async def parts() -> AsyncIterator[bytes]:
            yield b"debut"
            raise RuntimeError(PERSON)

        return StreamingResponse(parts())

    app.include_router(router)
    return app


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(build())
    async with httpx.AsyncClient(transport=transport, base_url="http://cadran.test") as made:
        yield made


def content_of(answer: httpx.Response, status: int) -> Any:
    """The problem document, its fixed members checked."""
    document = answer.json()
    assert answer.status_code == document["status"] == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert document["type"] == f"urn:cadran:problem:{document['code']}"
    assert set(document) == {"type", "title", "status", "detail", "code", "errors"}
    return document


async def test_our_own_problem(client: httpx.AsyncClient) -> None:
    answer = await client.get("/teapot")
    document = content_of(answer, 409)
    assert answer.headers["retry-after"] == "3"
    assert (document["code"], document["title"]) == ("already-there", "Déjà là")
    assert document["errors"] == [
        {"code": "key-reused", "path": "data.id", "message": "Clé déjà vue."}
    ]


async def test_faults_of_a_body_say_where_and_why_in_french(client: httpx.AsyncClient) -> None:
    line = {"hours": "-1", "month": "x", "state": "CLOS", "on": "31/03/2026", "extra": 1}
    answer = await client.post("/declarations", json={"lines": [line, {}]})
    document = content_of(answer, 422)
    assert document["code"] == "request-invalid"
    found = {(fault["path"], fault["code"]): fault["message"] for fault in document["errors"]}
    assert found == {
        ("body.lines.0.hours", "invalid-value"): "Doit être au moins 0.",
        ("body.lines.0.month", "unreadable-number"): "Un nombre entier est attendu.",
        ("body.lines.0.state", "invalid-value"): "Valeurs possibles : 'SAISI' ou 'VALIDE'.",
        (
            "body.lines.0.on",
            "unreadable-date",
        ): "Une date ISO est attendue (2026-03-31).",
        ("body.lines.0.extra", "unknown-field"): "Ce champ n'existe pas.",
        ("body.lines.1.hours", "missing-value"): "Valeur obligatoire.",
        ("body.lines.1.month", "missing-value"): "Valeur obligatoire.",
        ("body.lines.1.state", "missing-value"): "Valeur obligatoire.",
        ("body.lines.1.on", "missing-value"): "Valeur obligatoire.",
    }


@pytest.mark.parametrize("planted", [NIR, PERSON, f"{PERSON} {NIR}"])
async def test_the_input_is_never_repeated(client: httpx.AsyncClient, planted: str) -> None:
    good = {"hours": "1", "month": 1, "state": "SAISI", "on": "2026-03-31"}
    bodies: list[dict[str, object]] = [
        {"lines": [{**good, name: planted}]} for name in ("hours", "month", "state", "on", "label")
    ]
    bodies += [{"lines": [{**good, planted: 1}]}, {"lines": planted}, {planted: planted}]
    answers = [await client.post("/declarations", json=body) for body in bodies]
    answers.append(
        await client.post("/declarations", content=f'{{"lines": {planted}', headers=JSON)
    )
    answers.append(await client.post("/declarations", content=f'"{planted}"', headers=JSON))
    answers.append(await client.get(f"/items/{planted}x?year=z{planted}"))
    answers.append(await client.get(f"/{planted}"))
    answers.append(await client.get("/plain"))
    with capture_logs() as logs:
        answers.append(await client.get("/boom"))
    for answer in answers:
        assert answer.status_code >= 400
        assert NIR not in answer.text
        assert PERSON not in answer.text
    assert PERSON not in repr([{**log, "exc_info": None} for log in logs])


async def test_a_body_that_is_not_json_is_400(client: httpx.AsyncClient) -> None:
    document = content_of(await client.post("/declarations", content="{", headers=JSON), 400)
    assert document["errors"] == [
        {"code": "unreadable-json", "path": "body", "message": "Ce n'est pas du JSON lisible."}
    ]


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/nowhere", 404, "not-found"),
        ("DELETE", "/teapot", 405, "method-not-allowed"),
        ("GET", "/plain", 403, "role-refused"),
    ],
)
async def test_what_the_framework_refuses(
    client: httpx.AsyncClient, method: str, path: str, status: int, code: str
) -> None:
    answer = await client.request(method, path)
    assert content_of(answer, status)["code"] == code
    assert ("allow" in answer.headers) == (status == 405)


async def test_the_unforeseen_is_500_without_detail_and_logged_once(
    client: httpx.AsyncClient,
) -> None:
    with capture_logs() as logs:
        document = content_of(await client.get("/boom"), 500)
    assert document["code"] == "internal-error"
    assert [(log["event"], log["log_level"]) for log in logs] == [("request_failed", "error")]


async def test_a_fault_after_the_answer_began_breaks_the_connection(
    client: httpx.AsyncClient,
) -> None:
    with pytest.raises(RuntimeError):
        await client.get("/cut")


def test_messages_use_only_what_the_schema_says() -> None:
    class Tagged(BaseModel):
        amount: Annotated[Decimal, Field(max_digits=3, decimal_places=1)]
        size: Annotated[list[int], Field(min_length=2)]
        text: Annotated[str, Field(min_length=2)]
        hours: DecimalText

    with pytest.raises(ValidationError) as refused:
        TypeAdapter(Tagged).validate_python(
            {"amount": "1.234", "size": [1], "text": "a", "hours": "1,5"}
        )
    told = faults(refused.value.errors())
    assert [fault.message for fault in told] == [
        "Au plus 3 chiffres.",
        "Éléments, au moins : 2.",
        "Caractères, au moins : 2.",
        "Un nombre positif en chiffres, au plus un point (113.5).",
    ]
    assert "1.234" not in json.dumps(told)


@pytest.mark.parametrize(
    ("place", "text"),
    [
        (("body", "lines", 0, "hours"), "body.lines.0.hours"),
        (("query", "structure_id"), "query.structure_id"),
        (("header", "Idempotency-Key"), "header.Idempotency-Key"),
        (("body", PERSON), "body.*"),
        (("body", NIR), "body.*"),
        ((), ""),
    ],
)
def test_path_of(place: tuple[int | str, ...], text: str) -> None:
    assert path_of(place) == text
