"""Deliveries in a row: withdrawals, returns, absent views, truncation, one load at a time."""

import asyncio
import threading
from pathlib import Path

import pytest

from services.ingest.database import build_database
from services.ingest.settings import IngestSettings
from tests.feeds import Feed
from tests.homes import TestHome


def feed(day: int, months: int) -> Feed:
    """Twenty-one structures with an annex each, the first `months` months declared."""
    made = Feed(stamp=f"{day:02d}112026_063004")
    for number in range(1, 22):
        made.structure(number)
        made.annex(number, number, 1)
    for month in range(1, months + 1):
        made.line(1, 2026, month, 125, emi_dsm_id=month, emi_ctr_id=7)
    return made


@pytest.fixture(scope="module")
def loaded(home: TestHome, tmp_path_factory: pytest.TempPathFactory) -> TestHome:
    """A first delivery, projected."""
    home.start_workers()
    home.cadran("load", feed(1, 10).write(tmp_path_factory.mktemp("first")), "--wait")
    return home


def declared_months(home: TestHome) -> list[str]:
    rows = home.export("annex-months")
    return [row["month"] for row in rows if row["annex_id"] == "1" and row["validated"] == "true"]


def test_more_than_five_percent_withdrawn_waits_for_a_person(
    loaded: TestHome, tmp_path: Path
) -> None:
    folder = feed(2, 9).write(tmp_path / "feed")
    refusal = loaded.cadran_json("load", folder, expect=2)
    assert refusal["code"] == "too-many-withdrawals"
    assert len(declared_months(loaded)) == 10
    receipt = loaded.cadran_json("load", folder, "--wait", "--accept-withdrawals")
    assert receipt["documents"]["monthly-state"]["withdrawn"] == 1
    assert receipt["published"] == 1
    assert len(declared_months(loaded)) == 9


def test_a_month_that_comes_back_is_new_even_if_identical(loaded: TestHome, tmp_path: Path) -> None:
    receipt = loaded.cadran_json("load", feed(3, 10).write(tmp_path / "feed"), "--wait")
    assert receipt["documents"]["monthly-state"]["new"] == 1
    assert len(declared_months(loaded)) == 10


def test_an_absent_view_changes_nothing(loaded: TestHome, tmp_path: Path) -> None:
    folder = feed(4, 10).write(tmp_path / "feed", views=["Structure"])
    receipt = loaded.cadran_json("load", folder, "--wait")
    assert receipt["published"] == 0
    assert len(declared_months(loaded)) == 10


def test_lines_alone_find_the_owner_of_their_annex(loaded: TestHome, tmp_path: Path) -> None:
    folder = feed(5, 11).write(tmp_path / "feed", views=["EtatMensuelIndiv"])
    receipt = loaded.cadran_json("load", folder, "--wait")
    assert receipt["published"] == 1
    assert len(declared_months(loaded)) == 11


def test_a_truncated_file_is_refused_unless_allowed(loaded: TestHome, tmp_path: Path) -> None:
    folder = tmp_path / "feed"
    folder.mkdir()
    text = feed(6, 12).text("EtatMensuelIndiv")
    cut = text[: text.rindex("FIN")]
    (folder / "fluxIAE_EtatMensuelIndiv_06112026_063004.csv.gz").write_text(cut, "utf-8")
    assert loaded.cadran_json("load", folder, expect=2)["code"] == "truncated"
    assert len(declared_months(loaded)) == 11
    receipt = loaded.cadran_json("load", folder, "--wait", "--allow-truncated")
    assert receipt["published"] == 1
    assert len(declared_months(loaded)) == 12


def test_one_load_per_source_at_a_time(loaded: TestHome, tmp_path: Path) -> None:
    held, done = threading.Event(), threading.Event()

    async def hold() -> None:
        database = build_database(loaded.home.settings(IngestSettings), "test")
        async with database.connection() as connection:
            await connection.fetchval(
                "SELECT pg_advisory_lock(hashtext('cadran.load'), hashtext('asp'))"
            )
            held.set()
            while not done.is_set():
                await asyncio.sleep(0.05)

    holder = threading.Thread(target=lambda: asyncio.run(hold()))
    holder.start()
    try:
        assert held.wait(timeout=10)
        refusal = loaded.cadran_json("load", feed(7, 12).write(tmp_path / "feed"), expect=2)
    finally:
        done.set()
        holder.join()
    assert refusal["code"] == "load-running"


def test_what_is_not_a_delivery_is_refused(loaded: TestHome, tmp_path: Path) -> None:
    assert loaded.cadran_json("load", tmp_path, expect=2)["code"] == "no-feed-file"
    assert loaded.cadran_json("load", tmp_path / "absent", expect=2)["code"] == "no-feed-file"
    loaded.cadran("load", tmp_path, "--source", "nobody", expect=2)
    loaded.cadran("rejects", "nothing", tmp_path / "out.csv", expect=2)
    loaded.cadran("export", "nothing", tmp_path / "out.csv", expect=2)
    loaded.cadran("export", "annexes", tmp_path / "out.csv", "--as-of", "hier", expect=2)
    assert not (tmp_path / "out.csv").exists()


def test_as_of_answers_what_was_known(loaded: TestHome) -> None:
    months = loaded.export("annex-months", "--as-of", "2026-01-01T00:00:00+00:00")
    assert months == []
