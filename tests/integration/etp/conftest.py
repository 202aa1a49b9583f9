"""Declarations written straight into the projection of a provisioned home, and reads of it."""

from collections.abc import AsyncIterator, Sequence
from datetime import date
from pathlib import Path

import httpx
import pytest

from services.etp.app import build_web
from services.etp.database import build_database
from services.etp.projection import EtpProjection
from services.etp.settings import EtpSettings
from services.etp.tables import METADATA, PROJECTION
from shared.contracts.employment_v1 import EmploymentDeclared, EmploymentWithdrawn
from shared.contracts.fields import Contract
from shared.contracts.financial_annex_v1 import FinancialAnnexDeclared, FinancialAnnexWithdrawn
from shared.contracts.monthly_state_v1 import MonthlyStateDeclared, MonthlyStateWithdrawn
from shared.database.documents import document_tables
from shared.kafka.records import Event
from tests.api_client import Api
from tests.homes import TestHome
from tests.integration.etp.mini_feed import DELIVERIES, documents
from tests.projected import Projected, event


@pytest.fixture(scope="module")
async def projected(home: TestHome) -> AsyncIterator[Projected]:
    """An empty projection."""
    database = build_database(home.home.settings(EtpSettings), "test")
    async with await database.pool(2) as pool:
        tables = document_tables(METADATA, PROJECTION)
        yield Projected(pool, EtpProjection(), tables)


def withdrawn(data: Contract) -> Contract:
    match data:
        case MonthlyStateDeclared(annex_id=annex_id, year=year, month=month):
            return MonthlyStateWithdrawn(annex_id=annex_id, year=year, month=month)
        case FinancialAnnexDeclared(amendment_id=amendment_id, annex_id=annex_id):
            return FinancialAnnexWithdrawn(amendment_id=amendment_id, annex_id=annex_id)
        case EmploymentDeclared(contract_id=contract_id):
            return EmploymentWithdrawn(contract_id=contract_id)
    raise AssertionError(data)


def published(deliveries: Sequence[Path]) -> list[Event]:
    """What ingest publishes: delivery n (from 1) gives revision n to what it changes."""
    events: list[Event] = []
    held: dict[tuple[object, ...], Contract] = {}
    for revision, delivery in enumerate(deliveries, start=1):
        found = documents(delivery)
        events += [event(data, revision) for key, data in found.items() if held.get(key) != data]
        gone = [data for key, data in held.items() if key not in found]
        events += [event(withdrawn(data), revision) for data in gone]
        held = found
    return events


@pytest.fixture(scope="module")
async def deliveries(projected: Projected) -> Projected:
    events = published(DELIVERIES)
    await projected.declare(reversed(events))
    return projected


@pytest.fixture(scope="module")
async def api(home: TestHome, projected: Projected) -> AsyncIterator[Api]:
    settings = home.home.settings(EtpSettings).model_copy(update={"today": date(2026, 11, 22)})
    app = build_web(settings)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://etp") as client,
    ):
        yield Api(client, home)
