"""A projection rebuilt from the log: equal to the live one and to the pure fold, put in its place
while reads and the worker go on."""
# ruff: noqa: S608 — names of our own tables

import asyncio
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from cli.rebuild import rebuild_service
from services.etp.database import build_database
from services.etp.exports.files import export_csv
from services.etp.queries.annexes import read_annexes
from services.etp.queries.selection import LATEST, Selection, snapshot
from services.etp.settings import EtpSettings
from shared.contracts.registry import DECLARATIONS, STRUCTURES
from shared.database import shadow
from shared.kafka.rebuild import RebuildRefusedError
from shared.settings import ServiceSettings
from tests.events import declare, produce, random_events
from tests.homes import PROJECT, READY_SECONDS, TestHome, counted, wait_for_records
from tests.integration.test_any_order import TABLES
from tests.integration.test_poison import POISON, structure_headers
from tests.integration.test_poison import produce as produce_raw
from tests.oracle import Event, fold

COMPARED = {"structure", "financial_annex_version", "monthly_state", "employment_rsa"}
SCHEMAS = {"etp", "etp_projection", "ingest"}
SHADOWED = SCHEMAS | {"etp_next", "etp_projection_next"}
RECORDS = ("dead_letter", "outbox")
MARK = """
    WITH structures AS (UPDATE etp_projection.structure SET name = 'MARK'),
        annexes AS (UPDATE etp_projection.financial_annex_version SET funder = 'MARK')
    UPDATE etp_projection.monthly_state SET mixed_states = NULL WHERE NOT withdrawn
"""
ALL_MARKED, NONE_MARKED = (True,) * 6, (False,) * 6


def employment(rng: random.Random, number: int) -> Event:
    data = {"contract_id": rng.randrange(1, 6), "structure_id": 1, "person": "0" * 32}
    told = {"hired_on": "2026-01-01", "rsa": rng.choice(["OUI-M", "NON", None])}
    return declare("employment", "declared", number, "asp", {**data, **told})


class Projected:
    """A home, and what was sent to its worker."""

    def __init__(self, home: TestHome) -> None:
        self.home = home
        self.events: list[Event] = []
        self.records = 0

    def send(self, seed: int) -> None:
        """Random events of their own time, in a random order and some of them twice."""
        rng = random.Random(seed)
        first = 1_000 * seed
        events = random_events(seed, first=first)
        events += [employment(rng, first + 500 + number) for number in range(20)]
        sent = [*events, *rng.sample(events, 100)]
        rng.shuffle(sent)
        asyncio.run(produce(self.home.home.settings(ServiceSettings), sent))
        self.events += events
        self.records += len(sent)

    def settle(self) -> None:
        wait_for_records(self.home, self.records)
        assert sum(counted(self.home).values()) == self.records

    def assert_is_the_fold(self) -> None:
        expected = fold(self.events, self.home.today)
        assert asyncio.run(self._exports()) == {table: expected[table] for table in TABLES}

    async def _exports(self) -> dict[str, str]:
        """As `cadran export` writes them."""
        settings, out = self.home.home.settings(EtpSettings), self.home.home.path / "export.csv"
        today, texts = date.fromisoformat(self.home.today), {}
        async with await build_database(settings, "test").pool(1) as pool:
            for table in TABLES:
                await export_csv(pool, table, out, Selection(as_of=LATEST), today)
                texts[table] = out.read_text("utf-8")
        return texts

    def rebuild(self, *options: str, expect: int = 0) -> dict[str, int]:
        """Rows that differ, by table."""
        rows = self.home.cadran_json("rebuild", "etp", *options, expect=expect)["rows"]
        assert all(row["rows"] > 0 for row in rows)
        return {row["table"]: row["different"] for row in rows}

    def sql(self, statement: str) -> list[Any]:
        """As the administrator."""

        async def run() -> list[Any]:
            connection = await asyncpg.connect(self.home.home.read()["postgres"]["dsn"])
            try:
                return list(await connection.fetch(statement))
            finally:
                await connection.close()

        return asyncio.run(run())

    def schemas(self) -> set[str]:
        rows = self.sql("SELECT nspname FROM pg_namespace WHERE nspname ~ '^(etp|ingest)'")
        return {row[0] for row in rows}


@pytest.fixture(scope="module")
def projected(home: TestHome) -> Projected:
    """Events of two sources, five poisons and a tombstone, projected by a worker that goes on."""
    home.start("etp-worker", "worker", "etp")
    made = Projected(home)
    made.send(1)
    poison = [(DECLARATIONS, headers, value) for headers, value, _ in list(POISON.values())[:5]]
    tombstone = (STRUCTURES, structure_headers(), None)
    asyncio.run(produce_raw(home.home.settings(ServiceSettings), [*poison, tombstone]))
    made.records += len(poison) + 1
    made.settle()
    return made


def test_live_is_rebuilt_is_the_pure_fold(projected: Projected) -> None:
    projected.assert_is_the_fold()
    assert projected.rebuild("--check") == dict.fromkeys(COMPARED, 0)
    assert projected.rebuild() == dict.fromkeys(COMPARED, 0)
    projected.assert_is_the_fold()
    projected.home.cadran("accounts")
    assert projected.schemas() == SCHEMAS


def test_a_corrupted_projection_is_told_then_mended(projected: Projected) -> None:
    projected.sql(
        "UPDATE etp_projection.monthly_state SET hours = hours + 1 WHERE ctid IN"
        " (SELECT ctid FROM etp_projection.monthly_state WHERE NOT withdrawn LIMIT 3)"
    )
    projected.sql("DELETE FROM etp_projection.structure WHERE structure_id = 1")
    told = dict.fromkeys(COMPARED, 0) | {"structure": 1, "monthly_state": 3}
    assert projected.rebuild("--check", expect=1) == told
    assert projected.rebuild("--check", expect=1) == told, "a check mends nothing"
    assert projected.rebuild(expect=1) == told
    projected.assert_is_the_fold()
    assert projected.rebuild("--check") == dict.fromkeys(COMPARED, 0)


def test_a_rebuild_leaves_records_alone(projected: Projected) -> None:
    projected.sql("INSERT INTO etp.outbox (topic, key, headers) VALUES ('none-such', 'k', '{}')")
    try:
        before = {table: projected.sql(f"SELECT * FROM etp.{table}") for table in RECORDS}
        assert len(before["dead_letter"]) == 5
        projected.rebuild()
        after = {table: projected.sql(f"SELECT * FROM etp.{table}") for table in RECORDS}
    finally:
        projected.sql("DELETE FROM etp.outbox")
    assert after == before


def test_the_worker_goes_on_during_a_rebuild(projected: Projected) -> None:
    for seed in (2, 3):
        sending = threading.Thread(target=projected.send, args=(seed,))
        sending.start()
        assert projected.rebuild() == dict.fromkeys(COMPARED, 0)
        sending.join()
    projected.settle()
    projected.assert_is_the_fold()
    projected.home.cadran("accounts")


def test_no_read_fails_nor_sees_a_mix_during_the_swap(projected: Projected) -> None:
    """Every table of the live projection is marked; a rebuild takes all the marks away at once."""
    marked: list[tuple[bool, ...]] = []
    with reading(projected.home, marked.append):
        for _ in range(3):
            projected.sql(MARK)
            wait_until(lambda: marked[-1:] == [ALL_MARKED])
            marked.clear()
            projected.rebuild(expect=1)
            assert list(dict.fromkeys(marked)) == [ALL_MARKED, NONE_MARKED]
    projected.assert_is_the_fold()


def wait_until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.01)


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


@pytest.mark.parametrize("checkpoint", ["compare:before", "swap:before", "swap:after"])
def test_a_killed_rebuild_loses_nothing_and_the_next_one_works(
    projected: Projected, checkpoint: str
) -> None:
    killed = subprocess.run(
        [sys.executable, str(Path(__file__).with_name("killed_rebuild.py")), checkpoint],
        env=projected.home.environment(PYTHONPATH=str(PROJECT)),
        capture_output=True,
        timeout=120,
        check=False,
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr.decode()
    assert projected.schemas() > SCHEMAS
    projected.assert_is_the_fold()
    projected.home.cadran("accounts")
    assert projected.rebuild() == dict.fromkeys(COMPARED, 0)
    assert projected.schemas() == SCHEMAS


def test_a_slice_that_runs_is_waited_for(projected: Projected) -> None:
    """It read its position in the live tables: it ends there, and no slice straddles the swap."""

    async def hold() -> None:
        database = build_database(projected.home.home.settings(EtpSettings), "test")
        async with database.connection() as connection:
            async with connection.transaction():
                await connection.fetch("SELECT FROM consumer_position")
                rebuilding = asyncio.create_task(asyncio.to_thread(projected.rebuild))
                await asyncio.to_thread(wait_until, waiting_for_positions)
                assert await asyncio.to_thread(projected.schemas) == SHADOWED
            assert await rebuilding == dict.fromkeys(COMPARED, 0)

    def waiting_for_positions() -> bool:
        return bool(
            projected.sql(
                "SELECT FROM pg_locks WHERE mode = 'AccessExclusiveLock' AND NOT granted"
                " AND relation = 'etp_projection.consumer_position'::regclass"
            )
        )

    asyncio.run(hold())


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
    assert projected.schemas() == SHADOWED
    projected.assert_is_the_fold()
    assert projected.rebuild() == dict.fromkeys(COMPARED, 0)


def test_one_rebuild_of_a_service_at_a_time(projected: Projected) -> None:
    async def hold() -> None:
        connection = await asyncpg.connect(projected.home.home.read()["postgres"]["dsn"])
        try:
            await connection.execute(
                "SELECT pg_advisory_lock(hashtext('cadran.rebuild'), hashtext('etp'))"
            )
            await asyncio.to_thread(projected.home.cadran, "rebuild", "etp", expect=2)
        finally:
            await connection.close()

    asyncio.run(hold())


@pytest.mark.parametrize(
    "column", ["cluster_id = 'another'", "next_offset = 10^9", "first_offset = -1"]
)
def test_another_log_is_refused(projected: Projected, column: str) -> None:
    projected.home.stop("etp-worker")
    projected.sql("CREATE TABLE public.kept AS SELECT * FROM etp_projection.consumer_position")
    try:
        projected.sql(f"UPDATE etp_projection.consumer_position SET {column}")
        projected.home.cadran("rebuild", "etp", "--check", expect=2)
    finally:
        projected.sql("DELETE FROM etp_projection.consumer_position")
        projected.sql("INSERT INTO etp_projection.consumer_position SELECT * FROM public.kept")
        projected.sql("DROP TABLE public.kept")
        projected.home.start("etp-worker", "worker", "etp")


def test_a_service_without_a_projection_is_refused(projected: Projected) -> None:
    projected.home.cadran("rebuild", "ingest", expect=2)
    projected.home.cadran("rebuild", "nothing", expect=2)
