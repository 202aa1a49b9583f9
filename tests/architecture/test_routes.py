"""Deny by default: an app with one undeclared route cannot be sealed, whatever its kind."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from fastapi import APIRouter, FastAPI, WebSocket
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route, Router

from shared.auth.access import Access, requires
from shared.auth.roles import Role
from shared.auth.routes import UndeclaredRouteError, describe, seal
from shared.web.app import WebApp, create_web_app


async def bare() -> str:
    return "ouvert à tous sans le dire"


async def bare_starlette(_request: Request) -> PlainTextResponse:
    return PlainTextResponse("ouvert")


async def bare_socket(websocket: WebSocket) -> None:
    await websocket.accept()


async def bare_asgi(scope: object, receive: object, send: object) -> None:
    """An ASGI app without routes of its own."""


def plain(app: WebApp) -> None:
    app.get("/plain")(bare)


def nested(app: WebApp) -> None:
    inner, outer = APIRouter(prefix="/inner"), APIRouter(prefix="/outer")
    inner.post("/plain")(bare)
    outer.include_router(inner)
    app.include_router(outer)


def websocket(app: WebApp) -> None:
    app.websocket("/socket")(bare_socket)


def websocket_in_router(app: WebApp) -> None:
    router = APIRouter(prefix="/in")
    router.websocket("/socket")(bare_socket)
    app.include_router(router)


def mounted_app(app: WebApp) -> None:
    child = create_web_app("enfant", "enfant")
    child.get("/plain")(bare)
    app.mount("/child", child)


def mounted_router(app: WebApp) -> None:
    app.mount("/child", Router([Route("/plain", bare_starlette)]))


def mounted_asgi(app: WebApp) -> None:
    app.mount("/files", bare_asgi)


def starlette_route(app: WebApp) -> None:
    app.add_route("/plain", bare_starlette)


def documentation(app: WebApp) -> None:
    app.mount("/child", FastAPI())


@pytest.mark.parametrize(
    ("add", "named"),
    [
        (plain, "GET /plain"),
        (nested, "POST /outer/inner/plain"),
        (websocket, "WEBSOCKET /socket"),
        (websocket_in_router, "WEBSOCKET /in/socket"),
        (mounted_app, "GET /child/plain"),
        (mounted_router, "GET /child/plain"),
        (mounted_asgi, "ANY /files"),
        (starlette_route, "GET /plain"),
        (documentation, "GET /child/docs"),
        (documentation, "GET /child/openapi.json"),
    ],
)
def test_an_undeclared_route_is_refused_by_name(add: Callable[[WebApp], None], named: str) -> None:
    app = create_web_app("Essai", "Essai")
    add(app)
    with pytest.raises(UndeclaredRouteError, match=re.escape(named)):
        seal(app)
    with pytest.raises(UndeclaredRouteError):
        describe(app)


def test_a_static_site_is_refused(tmp_path: Path) -> None:
    app = create_web_app("Essai", "Essai")
    app.frontend("/site", directory=tmp_path)
    with pytest.raises(UndeclaredRouteError, match="static site"):
        seal(app)
    child = APIRouter()
    child.frontend("/site", directory=tmp_path)
    other = create_web_app("Essai", "Essai")
    other.include_router(child)
    with pytest.raises(UndeclaredRouteError, match="static site"):
        seal(other)


def test_declared_routes_are_described_with_what_their_guards_leave() -> None:
    inner = APIRouter(dependencies=[requires(Access.of(Role.CD, Role.DREETS))])
    inner.get("/both", dependencies=[requires(Access.of(Role.DREETS, Role.DGEFP))])(bare)
    inner.get("/still-guarded", dependencies=[requires(Access.PUBLIC)])(bare)
    inner.websocket("/socket")(bare_socket)
    child = create_web_app("Essai", "Essai")
    child.include_router(inner, prefix="/v1")
    root = create_web_app("Racine", "Racine")
    root.mount("/etp", child)
    assert seal(root) is root
    assert [tuple(route) for route in describe(root)] == [
        ("GET", "/etp/v1/both", "dreets"),
        ("GET", "/etp/v1/openapi.json", "public"),
        ("WEBSOCKET", "/etp/v1/socket", "cd dreets"),
        ("GET", "/etp/v1/still-guarded", "cd dreets"),
        ("GET", "/v1/openapi.json", "public"),
    ]


def test_guards_without_a_common_role_are_refused() -> None:
    app = create_web_app("Essai", "Essai")
    guards = [requires(Access.of(Role.CD)), requires(Access.of(Role.DGEFP))]
    app.get("/nobody", dependencies=guards)(bare)
    with pytest.raises(UndeclaredRouteError, match="GET /nobody"):
        seal(app)
