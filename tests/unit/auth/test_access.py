"""A guarded route lets its roles in, refuses the rest, and logs each refusal."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import httpx
import pytest
from fastapi import APIRouter, WebSocket
from joserfc.jwk import OKPKey
from structlog.testing import capture_logs

from shared.auth.access import Access, install_verifier, requires
from shared.auth.roles import Principal, Role
from shared.auth.routes import seal
from shared.auth.tokens import sign
from shared.web.app import WebApp, create_web_app

KEY = OKPKey.generate_key("Ed25519")
NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
CLIENT_KEY = OKPKey.generate_key("Ed25519")
CD = Principal(Role.CD, department="54")


def build() -> WebApp:
    app = create_web_app("Essai", "Essai")
    keys = [OKPKey.import_key(key.as_pem(private=False)) for key in (KEY, CLIENT_KEY)]
    install_verifier(app, keys[0], lambda: NOW, client_key=keys[1])
    router = APIRouter(prefix="/v1")

    @router.get("/annexes/{annex_id}")
    async def annex(
        annex_id: str, principal: Annotated[Principal, requires(Access.of(Role.CD))]
    ) -> str:
        return f"{annex_id} {principal.department}"

    @router.get("/receipts")
    async def receipts(
        principal: Annotated[Principal, requires(Access.of(Role.SOURCE))],
    ) -> str | None:
        return principal.source

    @router.get("/open", dependencies=[requires(Access.PUBLIC)])
    async def opened() -> str:
        return "ouvert"

    @router.websocket("/ws", dependencies=[requires(Access.of(Role.CD))])
    async def socket(websocket: WebSocket) -> None:
        await websocket.accept()

    app.include_router(router)
    seal(app)
    return app


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(build())
    async with httpx.AsyncClient(transport=transport, base_url="http://cadran.test") as made:
        yield made


def bearer(principal: Principal, now: datetime = NOW, key: OKPKey = KEY) -> dict[str, str]:
    return {"Authorization": f"Bearer {sign(principal, key, now)}"}


async def test_the_right_role_gets_in_and_its_principal_is_handed_over(
    client: httpx.AsyncClient,
) -> None:
    with capture_logs() as logs:
        answer = await client.get("/v1/annexes/7", headers=bearer(CD))
    assert (answer.status_code, answer.json()) == (200, "7 54")
    assert logs == []


async def test_a_key_of_clients_opens_the_routes_of_sources_alone(
    client: httpx.AsyncClient,
) -> None:
    source = Principal(Role.SOURCE, source="editor")
    for key in (KEY, CLIENT_KEY):
        answer = await client.get("/v1/receipts", headers=bearer(source, key=key))
        assert (answer.status_code, answer.json()) == (200, "editor")
    forged = await client.get("/v1/annexes/7", headers=bearer(CD, key=CLIENT_KEY))
    assert (forged.status_code, forged.json()["code"]) == (401, "token-invalid")
    late = bearer(source, NOW - timedelta(hours=2), CLIENT_KEY)
    assert (await client.get("/v1/receipts", headers=late)).json()["code"] == "token-expired"


async def test_a_public_route_and_the_openapi_document_need_no_token(
    client: httpx.AsyncClient,
) -> None:
    assert (await client.get("/v1/open")).json() == "ouvert"
    document = (await client.get("/v1/openapi.json")).json()
    assert document["paths"]["/v1/annexes/{annex_id}"]["get"]["security"] == [{"bearer": []}]
    assert "security" not in document["paths"]["/v1/open"]["get"]


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({}, "token-absent"),
        ({"Authorization": "Bearer x.y.z"}, "token-invalid"),
        ({"Authorization": "Basic YTpi"}, "token-invalid"),
        ({"Authorization": "Bearer"}, "token-invalid"),
        (bearer(CD, NOW - timedelta(hours=2)), "token-expired"),
        (bearer(CD, key=OKPKey.generate_key("Ed25519")), "token-invalid"),
    ],
)
async def test_401_is_a_problem_with_a_challenge_and_is_logged(
    client: httpx.AsyncClient, headers: dict[str, str], code: str
) -> None:
    with capture_logs() as logs:
        answer = await client.get("/v1/annexes/DUPONT", headers=headers)
    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert answer.json()["code"] == code
    assert logs == [
        {
            "event": "access_refused",
            "log_level": "warning",
            "method": "GET",
            "route": "/v1/annexes/{annex_id}",
            "status": 401,
            "code": code,
            "role": None,
        }
    ]


@pytest.mark.parametrize(
    "principal",
    [
        Principal(Role.DGEFP),
        Principal(Role.PUBLIC),
        Principal(Role.DDETS, department="54"),
        Principal(Role.SIAE, structures=frozenset({1})),
    ],
)
async def test_another_role_is_403_and_logged(
    client: httpx.AsyncClient, principal: Principal
) -> None:
    with capture_logs() as logs:
        answer = await client.get("/v1/annexes/7", headers=bearer(principal))
    assert answer.status_code == 403
    assert answer.json()["code"] == "role-refused"
    assert [(log["event"], log["role"]) for log in logs] == [("access_refused", principal.role)]


async def test_two_authorization_headers_are_refused(client: httpx.AsyncClient) -> None:
    headers = list(bearer(CD).items()) * 2
    assert (await client.get("/v1/annexes/7", headers=headers)).status_code == 401


async def test_no_token_is_ever_in_the_logs(client: httpx.AsyncClient) -> None:
    headers = bearer(CD, NOW - timedelta(hours=2))
    with capture_logs() as logs:
        await client.get("/v1/annexes/7", headers=headers)
    assert len(logs) == 1
    assert headers["Authorization"].split()[1] not in repr(logs)


async def test_a_websocket_without_a_token_is_closed_and_logged() -> None:
    sent: list[Any] = []

    async def receive() -> dict[str, str]:
        return {"type": "websocket.connect"}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "websocket",
        "path": "/v1/ws",
        "headers": [],
        "query_string": b"",
        "scheme": "ws",
        "subprotocols": [],
    }
    with capture_logs() as logs:
        await build()(scope, receive, send)
    assert [(message["type"], message.get("code")) for message in sent] == [
        ("websocket.close", 1008)
    ]
    assert [(log["method"], log["route"], log["code"]) for log in logs] == [
        ("WEBSOCKET", "/v1/ws", "token-absent")
    ]


async def test_without_a_verifier_nothing_opens() -> None:
    app = build()
    del app.state.verifier
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://cadran.test") as client:
        with capture_logs() as logs:
            answer = await client.get("/v1/annexes/7", headers=bearer(CD))
    assert answer.status_code == 500
    assert [log["event"] for log in logs] == ["request_failed"]


@pytest.mark.parametrize("roles", [(), (Role.PUBLIC,), (Role.PUBLIC, Role.CD)])
def test_a_guard_names_roles_that_need_a_token(roles: tuple[Role, ...]) -> None:
    with pytest.raises(ValueError, match="role"):
        Access.of(*roles)
