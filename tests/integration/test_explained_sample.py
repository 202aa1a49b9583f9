"""A synthetic delivery through the real door: every figure made again from its explanation."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from services.etp.app import build_web
from services.etp.settings import EtpSettings
from tests import redo
from tests.api_client import Api
from tests.homes import TestHome

SAMPLE = ("--structures", 8, "--years", 2, "--seed", 5)


@pytest.fixture(scope="module")
def loaded(home: TestHome, tmp_path_factory: pytest.TempPathFactory) -> TestHome:
    """A sample feed, projected."""
    feed: Path = tmp_path_factory.mktemp("sample") / "feed"
    home.cadran("sample-feed", *SAMPLE, feed)
    home.start_workers()
    home.cadran("load", feed, "--wait")
    return home


@asynccontextmanager
async def api_of(home: TestHome) -> AsyncIterator[Api]:
    app = build_web(home.home.settings(EtpSettings))
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://etp") as client,
    ):
        yield Api(client, home)


async def ask(api: Api, path: str, **parameters: Any) -> dict[str, Any]:
    answer = await api.get(path, **parameters)
    assert answer.status_code == 200, answer.text
    document: dict[str, Any] = answer.json()
    return document


def test_every_annex_and_month_is_made_again(loaded: TestHome) -> None:
    async def check() -> None:
        months = 0
        async with api_of(loaded) as api:
            for annex in await api.items("/v1/annexes"):
                path = f"/v1/annexes/{annex['annex_id']}/explanation"
                document = await ask(api, path)
                redo.assert_same(document, redo.of_annex(document), annex)
                for month in document["months"]:
                    explained = await ask(api, path, month=redo.of(month))
                    assert explained["month"] == month
                    redo.assert_same(explained, redo.of_month(explained), month)
                    months += 1
        assert months > 100

    asyncio.run(check())


def test_every_sum_is_made_again(loaded: TestHome) -> None:
    async def check() -> None:
        async with api_of(loaded) as api:
            for row in await api.items("/v1/structures"):
                path = f"/v1/structures/{row['structure_id']}/explanation"
                document = await ask(api, path, kind=row["kind"], month=redo.of(row))
                assert document["sum"] == row
                redo.assert_same(document, redo.of_sum(document), row)
            for row in await api.items("/v1/territories"):
                asked = {"kind": row["kind"], "month": redo.of(row)}
                asked |= {"department": row["department"]} if row["department"] else {}
                document = await ask(api, "/v1/territories/explanation", **asked)
                assert document["sum"] == row
                redo.assert_same(document, redo.of_sum(document), row)

    asyncio.run(check())
