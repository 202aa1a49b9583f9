"""The projection on real parts: hostile records, any order, a rebuild."""

import asyncio
import random

import asyncpg
import pytest

from services.modulation.projection import ModulationProjection
from shared.settings import ServiceSettings
from tests.events import produce
from tests.homes import TestHome, counted, wait_for_records
from tests.modulation_events import modulation_events
from tests.oracle_modulation import Year
from tests.poison import check_matrix
from tests.results import as_written, exits, indicators

YEARS = (2025, 2026)


@pytest.fixture(scope="module")
def running(home: TestHome) -> TestHome:
    home.start("modulation-worker", "worker", "modulation")
    return home


def test_each_poison_is_one_dead_letter_and_its_neighbours_are_applied(running: TestHome) -> None:
    check_matrix(running, "modulation", ModulationProjection().document_types)


def test_live_is_the_pure_fold_whatever_the_order(running: TestHome) -> None:
    rng = random.Random(1)
    events = [*modulation_events(1), *modulation_events(2, first=700)]
    before = sum(counted(running).values())
    sent = [*events, *rng.sample(events, 100)]
    rng.shuffle(sent)
    asyncio.run(produce(running.home.settings(ServiceSettings), sent))
    wait_for_records(running, before + len(sent))
    for year in YEARS:
        expected = Year.of_events(events, year)
        assert indicators(running, year) == expected.indicators(), year
        assert exits(running, year) == as_written(expected.exits), year


def test_a_rebuild_gives_the_same_rows(running: TestHome) -> None:
    rows = running.cadran_json("rebuild", "modulation", "--check")["rows"]
    names = {"structure", "financial_annex_version", "monthly_state", "employment"}
    assert {row["table"] for row in rows} >= names | {"employment_exit", "support_hours"}
    assert {row["different"] for row in rows} == {0}
    assert all(row["rows"] for row in rows)


def test_a_row_that_is_not_the_logs_is_told_and_mended(running: TestHome) -> None:
    corrupt = "UPDATE modulation_projection.employment SET rsa = 'OUI-M', ass = NOT ass"
    asyncio.run(administrator(running, corrupt))
    told = running.cadran_json("rebuild", "modulation", "--check", expect=1)["rows"]
    assert {row["table"] for row in told if row["different"]} == {"employment"}
    running.cadran_json("rebuild", "modulation", expect=1)
    again = running.cadran_json("rebuild", "modulation", "--check")["rows"]
    assert {row["different"] for row in again} == {0}


async def administrator(home: TestHome, statement: str) -> None:
    connection = await asyncpg.connect(home.home.read()["postgres"]["dsn"])
    try:
        await connection.execute(statement)
    finally:
        await connection.close()
