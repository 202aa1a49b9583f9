"""Declarations written straight into the projection of `modulation`, and its read API."""

from collections.abc import AsyncIterator
from datetime import date

import httpx
import pytest

from services.modulation.app import build_web
from services.modulation.database import build_database
from services.modulation.projection import ModulationProjection
from services.modulation.settings import ModulationSettings
from services.modulation.tables import METADATA, PROJECTION
from shared.database.documents import document_tables
from tests.api_client import Api
from tests.homes import TestHome
from tests.projected import Projected


@pytest.fixture(scope="module")
async def projected(home: TestHome) -> AsyncIterator[Projected]:
    """An empty projection."""
    database = build_database(home.home.settings(ModulationSettings), "test")
    async with await database.pool(2) as pool:
        tables = document_tables(METADATA, PROJECTION)
        yield Projected(pool, ModulationProjection(), tables)


@pytest.fixture(scope="module")
async def api(home: TestHome, projected: Projected) -> AsyncIterator[Api]:
    settings = home.home.settings(ModulationSettings)
    app = build_web(settings.model_copy(update={"today": date(2027, 1, 31)}))
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://mod") as client,
    ):
        yield Api(client, home)
