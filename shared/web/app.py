"""The web app that every service starts from: problems in French, no undeclared page.

FastAPI's own documentation pages are off; the OpenAPI document is a public, declared route.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final

from fastapi import FastAPI
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema
from starlette.responses import JSONResponse
from starlette.types import Lifespan

from shared.auth.access import Access, requires
from shared.database.pool import Database
from shared.web.problems import MEDIA_TYPE, OnRefusal, ProblemDocument, install_problems

READY_SECONDS: Final = 3.0

_REFUSAL: dict[str, Any] = {
    "description": "Refus expliqué (RFC 9457)",
    "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemDocument"}}},
}


class WebApp(FastAPI):
    """A FastAPI app whose OpenAPI document also describes the problem documents, and the models
    that its routes name by reference."""

    models: Sequence[type[BaseModel]] = ()

    def openapi(self) -> dict[str, Any]:
        """The OpenAPI document, the schemas of refusals included."""
        if self.openapi_schema:
            return self.openapi_schema
        document = super().openapi()
        models: list[type[BaseModel]] = [ProblemDocument, *self.models]
        _, described = models_json_schema(
            [(model, "validation") for model in models],
            ref_template="#/components/schemas/{model}",
        )
        schemas = document.setdefault("components", {}).setdefault("schemas", {})
        schemas.update(described["$defs"])
        return document


def create_web_app(
    title: str,
    description: str,
    version: str = "1",
    lifespan: Lifespan[Any] | None = None,
    *,
    models: Sequence[type[BaseModel]] = (),
    on_refusal: OnRefusal = lambda _request, _code: None,
) -> WebApp:
    """A service's web app, with `/v1/openapi.json`; its routes are included by the caller,
    who gives it a verifier (`shared.auth.access.install_verifier`) and seals it last.

    `models` are described in the OpenAPI document beside those of the routes' signatures.
    """
    app = WebApp(
        title=title,
        description=description,
        version=version,
        lifespan=lifespan,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        responses={"4XX": _REFUSAL},
    )
    app.models = models
    install_problems(app, on_refusal)

    @app.get("/v1/openapi.json", dependencies=[requires(Access.PUBLIC)], include_in_schema=False)
    async def openapi_document() -> JSONResponse:
        return JSONResponse(app.openapi())

    return app


def pooled(database: Database, size: int) -> Lifespan[Any]:
    """While the app serves, its state holds `pool`: up to `size` connections."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with await database.pool(size) as pool:
            app.state.pool = pool
            yield

    return lifespan


async def database_not_ready(app: FastAPI) -> str | None:
    """Why an app whose state holds a `pool` cannot answer now; None when its database does."""
    try:
        async with asyncio.timeout(READY_SECONDS), app.state.pool.acquire() as connection:
            await connection.fetchval("SELECT 1")
    except Exception as error:  # noqa: BLE001 - said to the probe, whatever it is
        return f"PostgreSQL ne répond pas ({type(error).__name__})"
    return None
