"""What was known at an instant: feed-mini's three deliveries loaded in a row, the exports taken
after each, and asked for again once all is there."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path
from typing import Any

import httpx
import pytest

from services.etp.app import build_web
from services.etp.database import build_database
from services.etp.exports.files import EXPORTS, export_csv
from services.etp.queries.selection import Selection
from services.etp.settings import EtpSettings
from shared.auth.keys import load_signing_key
from shared.auth.roles import Principal, Role
from shared.auth.tokens import sign
from shared.web.exports import columns
from tests.homes import TestHome, read_csv
from tests.oracle_tables import rounded

FEED_MINI = Path(__file__).parents[1] / "data" / "feed-mini"
DELIVERIES = [FEED_MINI, FEED_MINI / "second-delivery", FEED_MINI / "third-delivery"]
LISTS = ("annexes", "structures", "territories")


@dataclass(frozen=True)
class Taken:
    """The exports as they were at an instant."""

    at: datetime
    exports: dict[str, Path]


def settings(home: TestHome) -> EtpSettings:
    return home.home.settings(EtpSettings).model_copy(
        update={"today": datetime.fromisoformat(home.today).date()}
    )


async def take(home: TestHome, folder: Path) -> dict[str, Path]:
    """Every export of now."""
    told = settings(home)
    paths = {table: folder / f"{table}.csv" for table in EXPORTS}
    async with await build_database(told, "test").pool(1) as pool:
        for table, path in paths.items():
            await export_csv(pool, table, path, Selection(), told.business_date())
    return paths


@pytest.fixture(scope="module")
def taken(home: TestHome, tmp_path_factory: pytest.TempPathFactory) -> list[Taken]:
    """The exports after each delivery, all three loaded."""
    home.start_workers()
    found = []
    for delivery in DELIVERIES:
        home.cadran("load", delivery / "feed", "--wait")
        at = datetime.now(UTC)
        found.append(Taken(at, asyncio.run(take(home, tmp_path_factory.mktemp("taken")))))
    texts = [path.exports["annex-months"].read_text("utf-8") for path in found]
    assert len(set(texts)) == 3
    return found


@pytest.mark.parametrize("delivery", range(3))
def test_the_command_answers_the_exports_taken_then(
    home: TestHome, taken: list[Taken], tmp_path: Path, delivery: int
) -> None:
    then = taken[delivery]
    for table in EXPORTS:
        out = tmp_path / f"{table}.csv"
        home.cadran("export", table, out, "--as-of", then.at.isoformat())
        assert out.read_text("utf-8") == then.exports[table].read_text("utf-8"), table


def test_the_api_answers_the_exports_taken_then(home: TestHome, taken: list[Taken]) -> None:
    async def ask(get: Callable[..., Coroutine[Any, Any, Any]]) -> None:
        for then in taken:
            instant = then.at.isoformat()
            for table in LISTS:
                items = (await get(f"/v1/{table}", as_of=instant, size=1000))["items"]
                assert as_csv(table, items) == read_csv(then.exports[table]), table
            by_annex = read_csv(then.exports["annex-months"])
            for annex_id in {row["annex_id"] for row in by_annex}:
                months = (await get(f"/v1/annexes/{annex_id}", as_of=instant))["months"]
                expected = [row for row in by_annex if row["annex_id"] == annex_id]
                assert as_csv("annex-months", months) == expected

    asyncio.run(with_api(home, ask))


def test_the_rsa_amounts_and_statuses_came_through_the_door(
    home: TestHome, taken: list[Taken]
) -> None:
    async def ask(get: Callable[..., Coroutine[Any, Any, Any]]) -> None:
        months = (await get("/v1/annexes/2001"))["months"]
        targets = [month["brsa_target"] for month in months]
        paid = Fraction("59802.50") / 12
        assert targets[2:4] == [
            rounded(paid / Fraction(amount), 6) for amount in ("568.94", "577.50")
        ]
        assert months[0]["brsa_employees"] == 2
        assert months[0]["brsa_etp"] == rounded(Fraction(12 * (400 + 380), 1820), 6)

    asyncio.run(with_api(home, ask))


def as_csv(table: str, items: list[dict[str, Any]]) -> list[dict[str, str]]:
    """Items as a CSV shows them."""

    def text(value: Any) -> str:
        if value is None:
            return ""
        return str(value).lower() if isinstance(value, bool) else str(value)

    names = [column.name for column in columns(EXPORTS[table].table)]
    return [{name: text(item[name]) for name in names} for item in items]


async def with_api(
    home: TestHome, work: Callable[[Callable[..., Coroutine[Any, Any, Any]]], Any]
) -> None:
    app = build_web(settings(home))
    token = sign(Principal(Role.DGEFP), load_signing_key(home.home.secrets), datetime.now(UTC))
    headers = {"Authorization": f"Bearer {token}"}
    transport = httpx.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://etp", headers=headers) as client,
    ):

        async def get(path: str, **parameters: Any) -> Any:
            answer = await client.get(path, params=parameters)
            assert answer.status_code == 200, answer.text
            return answer.json()

        await work(get)


@pytest.mark.parametrize("instant", ["hier", "9999-01-01T00:00:00", "9999-01-01T00:00:00Z", ""])
def test_the_command_refuses_an_instant_that_cannot_be_asked_about(
    home: TestHome, tmp_path: Path, instant: str
) -> None:
    out = tmp_path / "out.csv"
    home.cadran("export", "annexes", out, "--as-of", instant, expect=2)
    assert not out.exists()
