"""What a process says of itself: `/livez`, `/readyz` (503 with the reason) and `/metrics`."""

import asyncio
import inspect
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass

import uvicorn
from fastapi import APIRouter, FastAPI
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp

from shared.auth.access import Access, requires
from shared.auth.routes import seal
from shared.web.problems import Problem, install_problems, respond

LOOPBACK = "127.0.0.1"
Check = Callable[[], str | Awaitable[str | None] | None]


@dataclass(frozen=True, slots=True)
class Probe:
    """The checks of a process: each gives None when fine, else the reason in French.

    A reason from `live` means *restart me*, one from `ready` *I cannot do my work now*.
    """

    live: Check
    ready: Check
    registry: CollectorRegistry


def mount_probes(app: FastAPI, probe: Probe) -> None:
    """Serve the three routes on `app`, open to all."""
    router = APIRouter(dependencies=[requires(Access.PUBLIC)], include_in_schema=False)

    @router.get("/livez")
    async def livez() -> Response:
        return await _answer(probe.live, "not-live", "Processus bloqué")

    @router.get("/readyz")
    async def readyz() -> Response:
        return await _answer(probe.ready, "not-ready", "Processus pas prêt")

    @router.get("/metrics")
    async def metrics() -> Response:
        return Response(generate_latest(probe.registry), media_type=CONTENT_TYPE_LATEST)

    app.include_router(router)


def probe_app(probe: Probe) -> FastAPI:
    """An app of the three routes alone, for a worker."""
    app = FastAPI(openapi_url=None)
    install_problems(app)
    mount_probes(app, probe)
    return seal(app)


@asynccontextmanager
async def serve_probes(app: ASGIApp, port: int = 0) -> AsyncIterator[int]:
    """Serve `app` on loopback in the running loop while the block lasts; yields the port.

    Port 0 takes a free one; a taken port raises `OSError`. Signals stay with the worker.
    """
    with socket.create_server((LOOPBACK, port)) as listener:
        config = uvicorn.Config(
            app, log_config=None, access_log=False, lifespan="off", timeout_graceful_shutdown=2
        )
        server = _QuietServer(config)
        task = asyncio.create_task(server.serve([listener]))
        try:
            yield listener.getsockname()[1]
        finally:
            server.should_exit = True
            await task


class _QuietServer(uvicorn.Server):
    """uvicorn without its signal handlers: they belong to the worker."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def _answer(check: Check, code: str, title: str) -> Response:
    found = check()
    reason = await found if inspect.isawaitable(found) else found
    if reason is not None:
        return respond(Problem(503, code, title, reason))
    return JSONResponse({"status": "ok"})
