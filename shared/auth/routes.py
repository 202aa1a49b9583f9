"""Every route of a web app declares its access: `seal` refuses an app where one does not.

Deny by default: whatever is not a FastAPI route with a declaration of `shared.auth.access`
(documentation pages, static files, websockets without one, other ASGI apps) is undeclared.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRouter, RouteContext, iter_route_contexts
from starlette.routing import BaseRoute

from shared.auth.access import Access, Guard, OpenDoor


class UndeclaredRouteError(RuntimeError):
    """A route of the app declares no access: the app must not be served."""


class RouteAccess(NamedTuple):
    """One line of `cadran routes`: method, path, and who may call (`public`, or roles)."""

    method: str
    path: str
    scope: str


def seal(app: FastAPI) -> FastAPI:
    """`app` itself, once every route in it, mounted apps included, declares its access.

    Raises `UndeclaredRouteError` naming the methods and paths that do not.
    """
    missing = [f"{method} {path}" for method, path, access in _walk(app) if access is None]
    if missing:
        raise UndeclaredRouteError(f"routes without a declared access: {', '.join(missing)}")
    return app


def describe(app: FastAPI, prefix: str = "") -> list[RouteAccess]:
    """Every route of `app` under `prefix`, sorted by path; `UndeclaredRouteError` like `seal`."""
    seal(app)
    routes = [
        RouteAccess(method, path, access.scope)
        for method, path, access in _walk(app, prefix)
        if access is not None
    ]
    return sorted(routes, key=lambda route: (route.path, route.method))


def _walk(app: Any, prefix: str = "") -> Iterator[tuple[str, str, Access | None]]:
    """Method, full path and declared access of each route, mounted apps opened."""
    for context in iter_route_contexts(app.routes):
        path = prefix + (context.path or "")
        route = context.original_route
        mounted = getattr(route, "app", None) if hasattr(route, "routes") else None
        if getattr(mounted, "routes", None):
            yield from _walk(mounted, path)
            continue
        access = _declared(context)
        for method in _methods(context):
            yield method, path, access
    for _ in _frontends(getattr(app, "router", app)):
        yield "GET", f"{prefix}/* (static site)", None


def _methods(context: RouteContext) -> list[str]:
    if context.methods:
        return sorted(context.methods)
    return ["WEBSOCKET" if "WebSocket" in type(context.original_route).__name__ else "ANY"]


def _declared(context: RouteContext) -> Access | None:
    """The access that the route's dependencies enforce together; None when there is none,
    or when they leave nobody."""
    dependant = getattr(context, "dependant", None)
    accesses = list(_accesses(dependant)) if dependant else []
    guarded = [access.roles for access in accesses if access != Access.PUBLIC]
    if not accesses or not guarded:
        return Access.PUBLIC if accesses else None
    common = frozenset.intersection(*guarded)
    return Access(common) if common else None


def _accesses(dependant: Dependant) -> Iterator[Access]:
    for child in dependant.dependencies:
        if isinstance(child.call, Guard | OpenDoor):
            yield child.call.access
        yield from _accesses(child)


def _frontends(router: APIRouter) -> Iterator[BaseRoute]:
    """Static sites that FastAPI keeps apart from the routes, included routers' ones too."""
    yield from getattr(router, "_low_priority_routes", ())
    for route in router.routes:
        if included := getattr(route, "original_router", None):
            yield from _frontends(included)
