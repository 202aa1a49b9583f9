"""What is kept for a time is kept for that time, and no longer: the purge, with its clock set."""

import asyncio
import time
from datetime import UTC, datetime, timedelta

import pytest

from services.etp.database import build_database as build_etp_database
from services.etp.settings import EtpSettings
from services.ingest.database import build_database as build_ingest_database
from services.ingest.retention import KEPT
from services.ingest.settings import IngestSettings
from shared.database.access_log import NominativeAccess, note_access
from shared.database.dead_letters import (
    DeadLetter,
    Failure,
    FailureKind,
    Source,
    write_dead_letters,
)
from shared.database.retention import ACCESS_LOG, DEAD_LETTERS, purge
from shared.database.types import Connection
from tests.homes import READY_SECONDS, TestHome

NOW = datetime(2026, 11, 22, 6, 30, tzinfo=UTC)


async def write_old_records(connection: Connection, at: datetime) -> None:
    """A dead letter and an access of that instant."""
    source = Source("declarations-v1", 0, int(at.timestamp()), 0, b"1", (), b"x")
    failure = Failure(FailureKind.UNDECODABLE, "value that is not JSON")
    await write_dead_letters(connection, [DeadLetter("etp.projection", failure, at, source)])
    access = NominativeAccess(at, "someone", "dead-letter-payload", "dead_letter 1", allowed=True)
    await note_access(connection, access)


async def counts(connection: Connection, *tables: str) -> dict[str, int]:
    return {
        table: await connection.fetchval(f"SELECT count(*) FROM {table}")  # noqa: S608
        for table in tables
    }


@pytest.mark.parametrize(
    ("age", "kept"),
    [
        (timedelta(days=89, hours=23), {"dead_letter": 1, "access_log": 1}),
        (timedelta(days=90, hours=1), {"dead_letter": 0, "access_log": 1}),
        (timedelta(days=364, hours=23), {"dead_letter": 0, "access_log": 1}),
        (timedelta(days=365, hours=1), {"dead_letter": 0, "access_log": 0}),
    ],
)
def test_dead_letters_live_three_months_and_the_access_log_a_year(
    home: TestHome, age: timedelta, kept: dict[str, int]
) -> None:
    async def left() -> dict[str, int]:
        database = build_etp_database(home.home.settings(EtpSettings), "test")
        async with database.connection() as connection:
            await connection.execute("TRUNCATE dead_letter, access_log")
            await write_old_records(connection, NOW)
            await purge(connection, (DEAD_LETTERS, ACCESS_LOG), NOW + age)
            return await counts(connection, "dead_letter", "access_log")

    assert asyncio.run(left()) == kept


def test_receipts_live_three_months_but_for_what_later_loads_need(home: TestHome) -> None:
    """Four loads: one that was refused after another, the latest delivery, one that was killed."""

    async def left(days: int) -> tuple[list[str], dict[str, int], dict[str, int]]:
        database = build_ingest_database(home.home.settings(IngestSettings), "test")
        async with database.connection() as connection:
            await connection.execute("TRUNCATE submission, chunk, reject")
            for name, source, stamp, state in (
                ("older", "asp", NOW - timedelta(days=7), "finished"),
                ("latest", "asp", NOW, "finished"),
                ("posted", "editor", None, "finished"),
                ("killed", "other", NOW, "running"),
            ):
                await connection.execute(
                    "INSERT INTO submission VALUES ($1, $2, '', $3, $4, $5, '{}', 1)",
                    name,
                    source,
                    stamp and stamp.replace(tzinfo=None),
                    NOW,
                    state,
                )
                await connection.execute("INSERT INTO chunk VALUES ($1, 0, '{}')", name)
                await connection.execute(
                    "INSERT INTO reject VALUES ($1, 'Structure', 3, '', 'column-count', '', '')",
                    name,
                )
            purged = await purge(connection, KEPT, NOW + timedelta(days=days))
            deleted = {table: purged[table] for table in ("reject", "chunk", "submission")}
            rows = await connection.fetch("SELECT submission_id FROM submission ORDER BY 1")
            return [row[0] for row in rows], deleted, await counts(connection, "chunk", "reject")

    assert asyncio.run(left(89)) == (
        ["killed", "latest", "older", "posted"],
        {"reject": 0, "chunk": 0, "submission": 0},
        {"chunk": 4, "reject": 4},
    )
    assert asyncio.run(left(91)) == (
        ["killed", "latest"],
        {"reject": 3, "chunk": 3, "submission": 2},
        {"chunk": 1, "reject": 1},
    )


@pytest.mark.parametrize(
    ("hours", "idempotency", "uploads"),
    [(47, 1, ["loaded", "queued"]), (49, 0, ["loaded", "queued"]), (91 * 24, 0, ["queued"])],
)
def test_keys_of_repeated_requests_live_two_days_and_uploads_three_months(
    home: TestHome, hours: int, idempotency: int, uploads: list[str]
) -> None:
    async def left() -> tuple[int, list[str]]:
        database = build_ingest_database(home.home.settings(IngestSettings), "test")
        async with database.connection() as connection:
            await connection.execute("TRUNCATE idempotency, upload")
            await connection.execute(
                "INSERT INTO idempotency VALUES ('asp', 'k', '', 201, '', $1)", NOW
            )
            await connection.executemany(
                "INSERT INTO upload (submission_id, source, state, size, allow_truncated,"
                " allow_older, accept_withdrawals, received_at)"
                " VALUES ($1, 'asp', $2, 1, false, false, false, $3)",
                [("queued", "queued", NOW), ("loaded", "finished", NOW)],
            )
            await purge(connection, KEPT, NOW + timedelta(hours=hours))
            kept = await connection.fetchval("SELECT count(*) FROM idempotency")
            rows = await connection.fetch("SELECT submission_id FROM upload ORDER BY 1")
            return kept, [row[0] for row in rows]

    assert asyncio.run(left()) == (idempotency, uploads)


def test_a_worker_purges_without_being_asked(home: TestHome) -> None:
    async def ages() -> list[int]:
        database = build_etp_database(home.home.settings(EtpSettings), "test")
        async with database.connection() as connection:
            rows = await connection.fetch(
                "SELECT round(extract(epoch FROM now() - failed_at) / 86400)::int FROM dead_letter"
                " ORDER BY failed_at DESC"
            )
            return [row[0] for row in rows]

    async def seed() -> None:
        database = build_etp_database(home.home.settings(EtpSettings), "test")
        async with database.connection() as connection:
            await connection.execute("TRUNCATE dead_letter, access_log")
            for days in (80, 100):
                await write_old_records(connection, datetime.now(UTC) - timedelta(days=days))

    asyncio.run(seed())
    home.start("etp-worker", "worker", "etp")
    deadline = time.monotonic() + READY_SECONDS
    while len(asyncio.run(ages())) > 1 and time.monotonic() < deadline:
        time.sleep(0.1)
    assert asyncio.run(ages()) == [80]
