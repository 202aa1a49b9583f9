"""Results in memory: computed once for all who ask at a time, and by state of the projection."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from typing import Any

import pytest

from services.modulation.exports import results
from services.modulation.exports.results import KEPT, Results, ResultsCache

TODAY = date(2027, 1, 31)


class Projection:
    """Stands for the projection: its mark, and what was computed of it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.mark = "1"
        self.computed: list[tuple[int, str | None]] = []
        self.open = 0
        self.cache = ResultsCache()
        for name in ("snapshot", "read_mark", "read_results"):
            monkeypatch.setattr(results, name, getattr(self, name))

    @asynccontextmanager
    async def snapshot(self, _pool: object) -> AsyncIterator[object]:
        self.open += 1
        yield object()
        self.open -= 1

    async def read_mark(self, _connection: object) -> str:
        return self.mark

    async def read_results(
        self, _connection: object, year: int, _today: date, region: str | None
    ) -> Results:
        self.computed.append((year, region))
        for _ in range(10):
            await asyncio.sleep(0)
        return Results([], [])

    async def read(self, year: int = 2026, region: str | None = None) -> Results:
        pool: Any = object()
        return await self.cache.read(pool, year, TODAY, region)


@pytest.fixture
def projection(monkeypatch: pytest.MonkeyPatch) -> Projection:
    return Projection(monkeypatch)


async def test_who_ask_at_one_time_share_one_computation_and_hold_no_transaction(
    projection: Projection,
) -> None:
    asked = [asyncio.create_task(projection.read()) for _ in range(6)]
    while not projection.computed:
        await asyncio.sleep(0)
    assert projection.open == 1
    found = await asyncio.gather(*asked)
    assert projection.computed == [(2026, None)]
    assert all(one is found[0] for one in found)


async def test_another_state_year_or_region_is_another_computation(projection: Projection) -> None:
    await projection.read()
    await projection.read(2025)
    await projection.read(2026, "Corse")
    await projection.read()
    projection.mark = "2"
    await projection.read()
    assert projection.computed == [(2026, None), (2025, None), (2026, "Corse"), (2026, None)]


async def test_the_results_least_asked_for_leave_first(projection: Projection) -> None:
    for year in range(1, KEPT + 1):
        await projection.read(year)
    await projection.read(1)
    await projection.read(KEPT + 1)
    await projection.read(1)
    assert len(projection.computed) == KEPT + 1
    await projection.read(2)
    assert len(projection.computed) == KEPT + 2


async def test_nothing_is_kept_of_who_waited(projection: Projection) -> None:
    await asyncio.gather(projection.read(), projection.read(), projection.read(2025))
    assert len(projection.cache._computing) == 0
