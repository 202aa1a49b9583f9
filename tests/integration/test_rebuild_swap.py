"""The swap of a rebuilt projection: reads and slices that run are waited for, none sees a mix."""
# ruff: noqa: S608 — names of our own tables

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from cli.rebuild import rebuild_service
from services.etp.database import build_database
from services.etp.projection import EtpProjection
from services.etp.queries.annexes import read_annexes
from services.etp.queries.selection import Selection
from services.etp.settings import EtpSettings
from shared.database import shadow
from shared.database.reads import LATEST, snapshot
from shared.kafka.cluster import open_log, read_record
from shared.kafka.consumer import SliceConsumer
from shared.kafka.rebuild import RebuildRefusedError
from tests.homes import READY_SECONDS, TestHome
from tests.rebuilding import COMPARED, SCHEMAS, SHADOWED, Projected

MARK = """
    WITH structures AS (UPDATE etp_projection.structure SET name = 'MARK'),
        annexes AS (UPDATE etp_projection.financial_annex_version SET funder = 'MARK')
    UPDATE etp_projection.monthly_state SET mixed_states = NULL WHERE NOT withdrawn
"""
ALL_MARKED, NONE_MARKED = (True,) * 6, (False,) * 6


@pytest.fixture(scope="module")
def projected(home: TestHome) -> Projected:
    """A projection whose worker is at rest."""
    home.start("etp-worker", "worker", "etp")
    made = Projected(home)
    made.send(1)
    made.settle()
    home.stop("etp-worker")
    return made


def test_no_read_fails_nor_sees_a_mix_during_the_swap(projected: Projected) -> None:
    """Every table of the live projection is marked; a rebuild takes all the marks away at once."""
    marked: list[tuple[bool, ...]] = []
    with reading(projected.home, marked.append):
        for _ in range(2):
            projected.sql(MARK)
            wait_until(lambda: marked[-1:] == [ALL_MARKED])
            marked.clear()
            projected.rebuild(expect=1)
            assert list(dict.fromkeys(marked)) == [ALL_MARKED, NONE_MARKED]
    projected.assert_is_the_fold()


@contextmanager
def reading(home: TestHome, tell: Callable[[tuple[bool, ...]], None]) -> Iterator[None]:
    """Read for as long as the block lasts, as the API does: is what each table says marked? All
    tables in one statement, then each in a statement of its own, in one snapshot."""
    structure = "EXISTS (SELECT FROM structure WHERE name = 'MARK')"
    annex = "EXISTS (SELECT FROM financial_annex_version WHERE funder = 'MARK')"
    month = "EXISTS (SELECT FROM monthly_state WHERE mixed_states IS NULL AND NOT withdrawn)"
    stopping, failures = threading.Event(), []

    async def read() -> None:
        database = build_database(home.home.settings(EtpSettings), "test")
        async with await database.pool(1) as pool:
            while not stopping.is_set():
                async with snapshot(pool) as connection:
                    together = await connection.fetchrow(f"SELECT {structure}, {annex}, {month}")
                    await read_annexes(connection, Selection(as_of=LATEST))
                    apart = [
                        await connection.fetchval(f"SELECT {m}") for m in (structure, annex, month)
                    ]
                tell((*together, *apart))

    def run() -> None:
        try:
            asyncio.run(read())
        except Exception as error:  # noqa: BLE001 - told by the test's own thread
            failures.append(error)

    reader = threading.Thread(target=run)
    reader.start()
    try:
        yield
    finally:
        stopping.set()
        reader.join(timeout=60)
    assert failures == []


def test_a_slice_that_runs_is_waited_for_and_taken_along(projected: Projected) -> None:
    """It read its position in the live tables and ends there; the shadow has its record too."""
    projected.send(2)
    settings = projected.home.home.settings(EtpSettings)
    query = (
        "SELECT topic, partition, next_offset FROM etp_projection.consumer_position ORDER BY 1, 2"
    )

    async def hold() -> list[Any]:
        group, projection = settings.group, EtpProjection()
        slices = SliceConsumer(group, group, projection, await open_log(settings))
        async with build_database(settings, "test").connection() as connection:
            async with connection.transaction():
                places = await connection.fetch(query)
                records = [await read_record(settings, *place) for place in places]
                await slices.apply(connection, [next(filter(None, records))])
                reached: list[Any] = await connection.fetch(query)
                assert reached != places
                rebuilding = asyncio.create_task(asyncio.to_thread(projected.rebuild))
                await asyncio.to_thread(wait_until, waiting_for_positions)
                assert await asyncio.to_thread(projected.schemas) == SHADOWED
            assert await rebuilding == dict.fromkeys(COMPARED, 0)
            return reached

    def waiting_for_positions() -> bool:
        return bool(
            projected.sql(
                "SELECT FROM pg_locks WHERE mode = 'AccessExclusiveLock' AND NOT granted"
                " AND relation = 'etp_projection.consumer_position'::regclass"
            )
        )

    assert asyncio.run(hold()) == projected.sql(query)
    projected.home.start("etp-worker", "worker", "etp")
    projected.settle()
    projected.home.stop("etp-worker")
    projected.assert_is_the_fold()


def test_what_comes_during_a_comparison_is_no_difference(
    projected: Projected, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CADRAN_HOME", str(projected.home.home.path))
    written = "WHERE source = 'during'"

    def write(name: str) -> None:
        """As a slice of the live worker would, once the shadow is fed."""
        if name == "compare:before":
            statement = (
                "INSERT INTO etp_projection.employment_rsa"
                ' SELECT (jsonb_populate_record(t, \'{"source": "during"}\')).*'
                " FROM etp_projection.employment_rsa t LIMIT 1"
            )
            writing = threading.Thread(target=projected.sql, args=(statement,))
            writing.start()
            writing.join()

    try:
        differences = asyncio.run(rebuild_service("etp", check=True, checkpoint=write))
        assert len(projected.sql(f"SELECT FROM etp_projection.employment_rsa {written}")) == 1
    finally:
        projected.sql(f"DELETE FROM etp_projection.employment_rsa {written}")
    assert [row.different for row in differences] == [0] * len(COMPARED)


@pytest.mark.parametrize("table", ["consumer_position", "structure"])
def test_a_swap_that_finds_no_instant_gives_up_and_changes_nothing(
    projected: Projected, table: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CADRAN_HOME", str(projected.home.home.path))
    monkeypatch.setattr(shadow, "SLICE_SECONDS", 1)
    monkeypatch.setattr(shadow, "READS_SECONDS", 1.0)

    async def hold() -> None:
        database = build_database(projected.home.home.settings(EtpSettings), "test")
        async with database.connection() as connection, connection.transaction():
            await connection.fetch(f"SELECT FROM {table}")
            with pytest.raises(RebuildRefusedError):
                await rebuild_service("etp", check=False)

    asyncio.run(hold())
    assert projected.schemas() == SCHEMAS
    projected.assert_is_the_fold()
    assert projected.rebuild() == dict.fromkeys(COMPARED, 0)


def wait_until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.01)
