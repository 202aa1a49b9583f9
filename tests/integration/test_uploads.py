"""Deliveries over HTTP: streamed, loaded by the worker, resumed after a restart."""

import csv
import io
import json
import signal
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.bad_inputs import zipped
from tests.doors import STRUCTURE, Door, add_client, counts, door_of, fetch
from tests.feeds import Feed
from tests.homes import TestHome, read_csv, wait_for_records

FEED_MINI = Path(__file__).parents[1] / "data" / "feed-mini"
ZIP = {"Content-Type": "application/zip"}
WAIT_SECONDS = 120
MOST = 8 * 2**20
"""Largest archive that this module's web process takes."""


@pytest.fixture(scope="module")
def url(home: TestHome) -> str:
    home.start_workers()
    return home.start("web", "web", CADRAN_UPLOAD_MAX_BYTES=str(MOST))


@pytest.fixture(scope="module")
def asp(home: TestHome, url: str) -> Door:
    return door_of(url, add_client(home, "asp"))


@pytest.fixture(scope="module")
def operator(home: TestHome, url: str) -> Door:
    return Door(url, home.cadran("token", "--role", "operator").strip())


def sent(door: Door, body: bytes | Iterator[bytes], **options: Any) -> str:
    """Post a delivery that is received; the submission's id."""
    answer = door.post("/feeds", content=body, headers=ZIP, params=options)
    assert answer.status_code == 202, answer.text
    assert answer.headers["location"] == f"/ingest/v1/submissions/{answer.json()['submission']}"
    return str(answer.json()["submission"])


def told(door: Door, submission: str, *until: str) -> dict[str, Any]:
    """The receipt once its state is one of `until` (over, by default)."""
    wanted = until or ("finished", "refused", "failed")
    deadline = time.monotonic() + WAIT_SECONDS
    while True:
        answer = door.get(f"/submissions/{submission}")
        assert answer.status_code == 200, answer.text
        document: dict[str, Any] = answer.json()
        if document["state"] in wanted:
            return document
        assert time.monotonic() < deadline, document
        time.sleep(0.1)


def refused(door: Door, body: bytes, **options: Any) -> str:
    """The code under which a delivery that was received is refused."""
    document = told(door, sent(door, body, **options))
    assert (document["state"], document["published"]) == ("refused", 0)
    assert document["reason"]
    return str(document["code"])


@pytest.fixture(scope="module")
def loaded(home: TestHome, asp: Door) -> dict[str, Any]:
    """The receipt of feed-mini, sent in small pieces."""
    body = zipped(FEED_MINI / "feed")
    pieces = (body[start : start + 1_000] for start in range(0, len(body), 1_000))
    receipt = told(asp, sent(asp, pieces))
    wait_for_records(home, receipt["published"])
    return receipt


def test_an_upload_is_the_same_load_as_the_command_s(
    home: TestHome, loaded: dict[str, Any]
) -> None:
    expected = json.loads((FEED_MINI / "expected" / "receipt.json").read_text("utf-8"))
    assert {name: loaded[name] for name in expected} == expected
    assert (loaded["source"], loaded["state"], loaded["progress"]) == ("asp", "finished", None)
    for table in ("annexes", "annex-months"):
        assert home.export(table) == read_csv(FEED_MINI / "expected" / f"{table}.csv")


def test_nothing_of_the_archive_is_left(home: TestHome, loaded: dict[str, Any]) -> None:
    folder = home.home.path / "ingest"
    assert [path for path in folder.rglob("*") if path.is_file()] == []
    assert list(home.home.path.rglob("fluxIAE*")) == []


def test_rejects_are_read_by_pages_and_as_csv(
    home: TestHome, asp: Door, loaded: dict[str, Any], tmp_path: Path
) -> None:
    path = f"/submissions/{loaded['submission']}/rejects"
    expected = read_csv(FEED_MINI / "expected" / "rejects.csv")
    first, second = (asp.get(path, params={"page": n, "size": 20}).json() for n in (1, 2))
    assert first["total"] == loaded["rejects"] == len(expected)
    items = first["items"] + second["items"]
    assert [item["code"] for item in items] == [row["code"] for row in expected]
    for options in ({"params": {"format": "csv"}}, {"headers": {"Accept": "text/csv"}}):
        answer = asp.get(path, **options)
        assert answer.headers["content-type"].startswith("text/csv")
        rows = list(csv.DictReader(io.StringIO(answer.text)))
        assert [(row["line"], row["code"]) for row in rows] == [
            (row["line"], row["code"]) for row in expected
        ]
    out = tmp_path / "rejects.csv"
    home.cadran("rejects", loaded["submission"], out)
    assert out.read_text("utf-8") == answer.text


def test_an_operator_reads_receipts_and_no_value(operator: Door, loaded: dict[str, Any]) -> None:
    assert told(operator, loaded["submission"]) == loaded
    path = f"/submissions/{loaded['submission']}/rejects"
    assert {item["value"] for item in operator.get(path).json()["items"]} == {"***"}
    rows = csv.DictReader(io.StringIO(operator.get(path, params={"format": "csv"}).text))
    assert {row["value"] for row in rows} == {"***"}


def test_another_source_reads_nothing_and_sends_no_delivery(
    home: TestHome, url: str, loaded: dict[str, Any]
) -> None:
    editor = door_of(url, add_client(home, "editor", STRUCTURE))
    for path in ("", "/rejects"):
        answer = editor.get(f"/submissions/{loaded['submission']}{path}")
        unknown = editor.get(f"/submissions/{uuid.uuid4()}{path}")
        assert answer.status_code == unknown.status_code == 404
        assert answer.json() == unknown.json()
    answer = editor.post("/feeds", content=zipped(FEED_MINI / "feed"), headers=ZIP)
    assert (answer.status_code, answer.json()["code"]) == (403, "feed-not-open")


def test_the_same_files_again_publish_nothing(asp: Door, loaded: dict[str, Any]) -> None:
    receipt = told(asp, sent(asp, zipped(FEED_MINI / "feed")))
    assert (receipt["state"], receipt["published"]) == ("finished", 0)


def feed(tmp_path: Path, day: int, **annex: Any) -> Path:
    """A delivery of one structure, stamped the given day of December."""
    made = Feed(stamp=f"{day:02d}122026_063004")
    made.structure(1)
    made.annex(1, 1, 1, **annex)
    return made.write(tmp_path / f"feed-{day}")


def test_options_say_what_is_meant(asp: Door, loaded: dict[str, Any], tmp_path: Path) -> None:
    folder = feed(tmp_path, 1)
    assert refused(asp, zipped(folder)) == "too-many-withdrawals"
    receipt = told(asp, sent(asp, zipped(folder), accept_withdrawals=True))
    assert receipt["state"] == "finished"
    assert refused(asp, zipped(FEED_MINI / "feed"), accept_withdrawals=True) == "older-delivery"


def test_a_body_cut_on_its_way_leaves_nothing(home: TestHome, asp: Door) -> None:
    def cut() -> Iterator[bytes]:
        yield bytes(2**21)
        raise ConnectionError

    before = counts(home)
    with pytest.raises(ConnectionError):
        asp.post("/feeds", content=cut(), headers=ZIP)
    deadline = time.monotonic() + WAIT_SECONDS
    folder = home.home.path / "ingest" / "uploads"
    while list(folder.iterdir()) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert list(folder.iterdir()) == []
    assert counts(home) == before


def test_a_load_killed_with_its_worker_resumes_and_finishes_once(
    home: TestHome, asp: Door, loaded: dict[str, Any], tmp_path: Path
) -> None:
    folder = tmp_path / "sample"
    home.cadran("sample-feed", "--structures", 60, "--years", 2, "--seed", 3, "--stamp",
                "20122026_063004", folder)  # fmt: skip
    home.stop("ingest-worker", signal.SIGKILL)
    submission = sent(asp, zipped(folder), accept_withdrawals=True)
    assert told(asp, submission, "queued")["progress"] is None
    home.start("ingest-worker", "worker", "ingest")
    running = told(asp, submission, "running", "finished")
    home.stop("ingest-worker", signal.SIGKILL)
    assert running["state"] == "running"
    assert running["progress"]["phase"] in {"reading", "publishing"}
    home.start("ingest-worker", "worker", "ingest")
    receipt = told(asp, submission)
    assert receipt["state"] == "finished"
    total = sum(counts["new"] for counts in receipt["documents"].values())
    rows = fetch(
        home, "SELECT count(*), count(DISTINCT (document_type, id, period)) FROM document"
        " WHERE source = 'asp' AND NOT withdrawn"
    )  # fmt: skip
    assert rows[0][0] == rows[0][1] == total
