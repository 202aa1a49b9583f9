"""A projection rebuilt from the log: equal to the live one and to the pure fold; records, worker
and a killed rebuild."""
# ruff: noqa: S608 — names of our own tables

import asyncio
import signal
import subprocess
import sys
import threading
from pathlib import Path

import asyncpg
import pytest

from shared.contracts.registry import STRUCTURES
from shared.settings import ServiceSettings
from tests.homes import PROJECT, TestHome, wait_for_records
from tests.poison import POISONS, Written, tombstone, write
from tests.rebuilding import COMPARED, SCHEMAS, Projected

OF_MODULATION = {
    "structure",
    "financial_annex_version",
    "monthly_state",
    "employment",
    "employment_exit",
    "support_hours",
}
RECORDS = ("dead_letter", "outbox")


@pytest.fixture(scope="module")
def projected(home: TestHome) -> Projected:
    """Events of two sources, five poisons and a tombstone, projected by a worker that goes on."""
    home.start("etp-worker", "worker", "etp")
    made = Projected(home)
    made.send(1)
    poison = [poison.record for poison in POISONS[:5]]
    withdrawal = Written(tombstone("101"), None, STRUCTURES)
    asyncio.run(write(home.home.settings(ServiceSettings), [*poison, withdrawal]))
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
    sending = threading.Thread(target=projected.send, args=(2,))
    sending.start()
    assert projected.rebuild() == dict.fromkeys(COMPARED, 0)
    sending.join()
    projected.settle()
    projected.assert_is_the_fold()
    projected.home.cadran("accounts")


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


def test_another_log_is_refused(projected: Projected) -> None:
    projected.home.stop("etp-worker")
    projected.sql("CREATE TABLE public.kept AS SELECT * FROM etp_projection.consumer_position")
    try:
        for column in ("cluster_id = 'another'", "next_offset = 10^9", "first_offset = -1"):
            projected.sql(f"UPDATE etp_projection.consumer_position SET {column}")
            projected.home.cadran("rebuild", "etp", "--check", expect=2)
            projected.sql("DELETE FROM etp_projection.consumer_position")
            projected.sql("INSERT INTO etp_projection.consumer_position SELECT * FROM public.kept")
    finally:
        projected.sql("DROP TABLE public.kept")
        projected.home.start("etp-worker", "worker", "etp")
    assert projected.schemas() == SCHEMAS


def test_another_service_is_rebuilt_the_same_way(projected: Projected) -> None:
    home = projected.home
    home.start("modulation-worker", "worker", "modulation")
    wait_for_records(home, projected.records)
    rows = home.cadran_json("rebuild", "modulation", "--check")["rows"]
    assert {row["table"]: row["different"] for row in rows} == dict.fromkeys(OF_MODULATION, 0)
    projected.sql("TRUNCATE modulation_projection.monthly_state")
    told = home.cadran_json("rebuild", "modulation", expect=1)["rows"]
    assert [row for row in told if row["different"]] == [
        {**row, "different": row["rows"]} for row in rows if row["table"] == "monthly_state"
    ]
    assert home.cadran_json("rebuild", "modulation")["rows"] == rows


def test_a_service_without_a_projection_is_refused(projected: Projected) -> None:
    projected.home.cadran("rebuild", "ingest", expect=2)
    projected.home.cadran("rebuild", "nothing", expect=2)
