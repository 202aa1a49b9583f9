"""The same request twice, requests at once, requests while the outbox is full."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from services.ingest.database import build_database
from services.ingest.documents import take_turn
from services.ingest.load import load_feed
from services.ingest.requests import LoadRequest, Progress
from services.ingest.settings import IngestSettings
from shared.contracts.registry import DocumentType
from tests.doors import (
    EXAMPLES,
    STRUCTURE,
    Door,
    add_client,
    changed,
    counts,
    door_of,
    fetch,
    statuses,
)
from tests.feeds import Feed
from tests.homes import TestHome

MONTH = EXAMPLES[DocumentType.MONTHLY_STATE]


@pytest.fixture(scope="module")
def url(home: TestHome) -> str:
    """The web process; no worker runs, so that the outbox keeps what is published."""
    return home.start("web", "web")


@pytest.fixture(scope="module")
def asp(home: TestHome, url: str) -> Door:
    return door_of(url, add_client(home, "asp"))


def test_the_same_key_gives_the_same_answer_and_does_nothing(home: TestHome, asp: Door) -> None:
    month = changed(MONTH, year=2021)
    first = asp.declare(month, Idempotency_Key="k-1")
    before = counts(home)
    again = asp.declare(month, Idempotency_Key="k-1")
    assert (again.status_code, again.json()) == (first.status_code, first.json())
    assert again.headers["idempotent-replayed"] == "true"
    other = asp.declare(changed(MONTH, year=2020), Idempotency_Key="k-1")
    assert (other.status_code, other.json()["code"]) == (422, "idempotency-key-reused")
    assert counts(home) == before


def test_a_key_belongs_to_its_source(home: TestHome, url: str, asp: Door) -> None:
    other = door_of(url, add_client(home, "editor", STRUCTURE))
    hours = EXAMPLES[DocumentType.SUPPORT_HOURS]
    for door in (asp, other):
        answer = door.declare(hours, Idempotency_Key="k-2")
        assert (answer.status_code, statuses(answer)) == (201, ["accepted"])


def test_a_key_in_flight_waits_its_turn(home: TestHome, asp: Door) -> None:
    async def hold() -> Any:
        database = build_database(home.home.settings(IngestSettings), "test")
        async with database.connection() as connection, connection.transaction():
            await connection.execute(
                "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", "idempotency\nasp\nk-3"
            )
            return await asyncio.to_thread(asp.declare, MONTH, Idempotency_Key="k-3")

    answer = asyncio.run(hold())
    assert (answer.status_code, answer.json()["code"]) == (409, "idempotency-in-flight")
    assert answer.headers["retry-after"] == "1"
    assert asp.declare(MONTH, Idempotency_Key="k-3").status_code == 201


def test_the_doors_of_one_source_wait_for_one_another(home: TestHome, asp: Door) -> None:
    waiting = (
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pg_backend_pid() = ANY(pg_blocking_pids(pid))"
    )

    async def hold() -> Any:
        database = build_database(home.home.settings(IngestSettings), "test")
        async with database.connection() as connection:
            async with connection.transaction():
                await take_turn(connection, "asp")
                post = asyncio.create_task(
                    asyncio.to_thread(asp.declare, changed(MONTH, year=2017))
                )
                while not await connection.fetchval(waiting):
                    assert not post.done(), "the post did not wait"
                    await asyncio.sleep(0.02)
            return await post

    assert asyncio.run(hold()).status_code == 201


def test_posts_at_once_of_one_document_give_each_revision_once(home: TestHome, asp: Door) -> None:
    def post(hours: int) -> Any:
        month = changed(MONTH, year=2019)
        month["data"]["lines"][0]["hours"] = str(hours)
        return asp.declare(month)

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(post, range(16)))
    assert {answer.status_code for answer in answers} == {201}
    rows = fetch(
        home,
        "SELECT headers::json->>'ce_revision' FROM outbox"
        " WHERE headers::json->>'ce_subject' = '42001/2019-03'",
    )
    assert len({row[0] for row in rows}) == len(rows) == 16


def test_a_load_does_not_withdraw_what_was_declared_while_it_ran(
    home: TestHome, asp: Door, tmp_path: Path
) -> None:
    def load(day: int, months: int, checkpoint: Callable[[str], None]) -> None:
        feed = Feed(stamp=f"{day:02d}112026_063004")
        feed.annex(1, 1, 1)
        for month in range(1, 1 + months):
            feed.line(1, 2026, month, 100)
        request = LoadRequest([feed.write(tmp_path / str(day))], accept_withdrawals=True)
        database = build_database(home.home.settings(IngestSettings), "test")
        settings = home.home.settings(IngestSettings)
        asyncio.run(load_feed(settings, database, request, Progress(), checkpoint))

    def declare_march(_name: str) -> None:
        """Called after the load's first chunk, which has yet to withdraw March and April."""
        if not answers:
            answers.append(asp.declare(changed(MONTH, annex_id=1, month=3)))

    answers: list[Any] = []
    load(1, 4, lambda _name: None)
    load(2, 2, declare_march)
    assert answers[0].status_code == 201
    rows = fetch(
        home,
        "SELECT period % 100 AS month, withdrawn FROM document"
        " WHERE document_type = 'monthly-state' AND id = 1 ORDER BY period",
    )
    assert [tuple(row) for row in rows] == [(1, False), (2, False), (3, False), (4, True)]


def test_a_load_sees_what_another_door_declared_between_its_chunks(
    home: TestHome, asp: Door, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its last chunk holds what was known before the load, and no longer is."""
    monkeypatch.setattr("services.ingest.readers.scan.BUCKET_TEXT_BYTES", 1_000)
    feed = Feed(stamp="05112026_063004")
    for annex in (5, 6, 7):
        feed.annex(annex, annex, 1)
        feed.line(annex, 2026, 1, 100)
    settings = home.home.settings(IngestSettings)
    again = feed.write(tmp_path / "feed")

    def load(checkpoint: Callable[[str], None]) -> dict[str, Any]:
        request = LoadRequest([again], accept_withdrawals=True)
        database = build_database(settings, "test")
        return asyncio.run(load_feed(settings, database, request, Progress(), checkpoint))

    def declare_january(_name: str) -> None:
        """Of all three annexes: those of chunks to come must be published again."""
        if not answers:
            months = [changed(MONTH, annex_id=annex, month=1) for annex in (5, 6, 7)]
            answers.append(asp.declare(*months))

    answers: list[Any] = []
    load(lambda _name: None)
    assert load(lambda _name: None)["published"] == 0
    published = load(declare_january)["documents"]["monthly-state"]["changed"]
    assert answers[0].status_code == 201
    assert 1 <= published < 3
    assert load(lambda _name: None)["published"] == 3 - published


def test_a_full_outbox_answers_503_and_keeps_nothing(home: TestHome, url: str, asp: Door) -> None:
    full = home.start("web-full", "web", CADRAN_OUTBOX_MAX_ROWS="1")
    before = counts(home)
    door = Door(full, home.cadran("token", "--role", "source", "--source", "asp").strip())
    answer = door.declare(changed(MONTH, year=2018))
    assert (answer.status_code, answer.json()["code"]) == (503, "outbox-full")
    assert int(answer.headers["retry-after"]) > 0
    assert counts(home) == before
    home.stop("web-full")
