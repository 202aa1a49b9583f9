"""Declarations over HTTP: clients, tokens, mandates, verdicts, one transaction, the figure."""

import asyncio
import copy
import json
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner

from cli.main import app as command_line
from services.ingest.batches import read_values
from services.ingest.database import build_database
from services.ingest.intake import Batch, take
from services.ingest.settings import IngestSettings
from shared.contracts.registry import DocumentType
from tests.doors import (
    EXAMPLES,
    PLAIN,
    STRUCTURE,
    Door,
    add_client,
    as_lines,
    changed,
    codes,
    counts,
    door_of,
    fetch,
    statuses,
)
from tests.homes import TestHome, wait_for_records

MONTH = EXAMPLES[DocumentType.MONTHLY_STATE]
ANNEX = EXAMPLES[DocumentType.FINANCIAL_ANNEX]
EMPLOYMENT = EXAMPLES[DocumentType.EMPLOYMENT]
OTHER = 4999


@pytest.fixture(scope="module")
def url(home: TestHome) -> str:
    """The web process; no worker runs, so that the outbox keeps what is published."""
    return home.start("web", "web")


@pytest.fixture(scope="module")
def editor(home: TestHome, url: str) -> Door:
    """A client that the examples' structure mandated."""
    return door_of(url, add_client(home, "editor", STRUCTURE))


@pytest.fixture(scope="module")
def asp(home: TestHome, url: str) -> Door:
    return door_of(url, add_client(home, "asp"))


def test_every_example_is_accepted_as_it_is_printed(home: TestHome, editor: Door, url: str) -> None:
    for kind in DocumentType:
        printed = CliRunner().invoke(command_line, ["contracts", "example", kind]).stdout
        answer = editor.post(
            "/declarations", content=printed, headers={"Content-Type": "application/json"}
        )
        assert answer.status_code == 201, answer.text
        assert statuses(answer) == ["accepted"]
        (published,) = fetch(
            home,
            "SELECT key, headers, value FROM outbox WHERE headers LIKE '%' || $1 || '%'",
            answer.json()["items"][0]["id"],
        )
        headers = json.loads(published["headers"])
        assert (published["key"], headers["ce_source"], headers["ce_rank"]) == (
            "4101",
            "editor",
            "2",
        )


def test_the_same_again_is_unchanged_and_publishes_nothing(home: TestHome, editor: Door) -> None:
    before = counts(home)
    answer = editor.declare(*EXAMPLES.values())
    assert (answer.status_code, statuses(answer)) == (201, ["unchanged"] * len(EXAMPLES))
    after = counts(home)
    assert after == {**before, "submission": before["submission"] + 1}
    ids = [item["id"] for item in answer.json()["items"]]
    known = fetch(home, "SELECT headers::json->>'ce_id' FROM outbox")
    assert set(ids) <= {row[0] for row in known}


def test_lines_are_a_batch_too(editor: Door) -> None:
    body = as_lines(MONTH) + b"{not json\n" + as_lines(EMPLOYMENT)
    answer = editor.post(
        "/declarations", content=body, headers={"Content-Type": "application/x-ndjson"}
    )
    assert answer.status_code == 207
    assert statuses(answer) == ["unchanged", "rejected", "unchanged"]
    assert codes(answer)[1] == ["unreadable-json"]


def test_a_to_b_to_a_is_three_revisions_even_within_one_batch(home: TestHome, editor: Door) -> None:
    other = changed(MONTH, year=2024)
    corrected = copy.deepcopy(other)
    corrected["data"]["lines"][0]["hours"] = "100"
    answer = editor.declare(other, corrected, other, other)
    assert statuses(answer) == ["accepted", "accepted", "accepted", "unchanged"]
    assert len({item["id"] for item in answer.json()["items"]}) == 3
    rows = fetch(
        home,
        "SELECT headers::json->>'ce_revision' AS revision FROM outbox"
        " WHERE headers::json->>'ce_subject' = '42001/2024-03' ORDER BY id",
    )
    revisions = [int(row[0]) for row in rows]
    assert revisions == sorted(set(revisions))


def test_a_withdrawal_ends_a_document_once(home: TestHome, editor: Door) -> None:
    month = changed(MONTH, year=2023)
    key = {"annex_id": 42001, "year": 2023, "month": 3}
    gone = {"type": "monthly-state", "data": key, "withdrawn": True}
    assert codes(editor.declare(gone)) == [["not-declared"]]
    assert statuses(editor.declare(month, gone, gone)) == ["accepted", "accepted", "unchanged"]
    assert statuses(editor.declare(month)) == ["accepted"]
    types = fetch(
        home,
        "SELECT headers::json->>'ce_type' FROM outbox"
        " WHERE headers::json->>'ce_subject' = '42001/2023-03' ORDER BY id",
    )
    assert [row[0].split(".")[3] for row in types] == ["declared", "withdrawn", "declared"]


def test_one_rejected_leaves_the_others(home: TestHome, editor: Door) -> None:
    wrong = changed(MONTH, month=13)
    answer = editor.declare(changed(MONTH, year=2022), wrong, {"type": "invoice", "data": {}})
    assert answer.status_code == 207
    assert statuses(answer) == ["accepted", "rejected", "rejected"]
    assert [item["index"] for item in answer.json()["items"]] == [0, 1, 2]
    assert answer.json()["items"][1]["errors"][0]["path"] == "data.month"
    rows = fetch(
        home,
        "SELECT view, line, column_name, code, value FROM reject WHERE submission_id = $1"
        " ORDER BY line",
        answer.json()["submission"],
    )
    assert [tuple(row) for row in rows] == [
        ("monthly-state", 1, "data.month", "invalid-value", ""),
        ("", 2, "type", "unknown-type", ""),
    ]


def test_a_batch_of_faults_changes_no_document(home: TestHome, editor: Door) -> None:
    before = counts(home)
    answer = editor.declare(changed(MONTH, month=13))
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    assert (answer.json()["code"], statuses(answer)) == ("none-accepted", ["rejected"])
    after = counts(home)
    assert {**after, "submission": 0, "reject": 0} == {**before, "submission": 0, "reject": 0}


@pytest.mark.parametrize(
    "declaration",
    [
        changed(EXAMPLES[DocumentType.STRUCTURE], structure_id=OTHER),
        changed(EXAMPLES[DocumentType.SUPPORT_HOURS], structure_id=OTHER),
        changed(EMPLOYMENT, structure_id=OTHER),
        changed(ANNEX, structure_id=OTHER),
        changed(ANNEX, structure_id=OTHER, annex_id=1, amendment_id=11),
    ],
    ids=["structure", "support-hours", "employment", "annex-taken", "annex-new"],
)
def test_a_structure_without_mandate_is_refused(
    home: TestHome, editor: Door, declaration: dict[str, Any]
) -> None:
    before = counts(home)
    answer = editor.declare(declaration)
    assert (answer.status_code, codes(answer)) == (403, [["not-mandated"]])
    assert counts(home)["outbox"] == before["outbox"]
    mixed = editor.declare(declaration, MONTH)
    assert (mixed.status_code, statuses(mixed)) == (207, ["rejected", "unchanged"])


def test_what_another_owns_cannot_be_taken_by_naming_it(
    home: TestHome, asp: Door, editor: Door
) -> None:
    theirs = changed(ANNEX, structure_id=OTHER, annex_id=49001, amendment_id=49011)
    contract = changed(EMPLOYMENT, structure_id=OTHER, contract_id=790_001)
    assert asp.declare(theirs, contract).status_code == 201
    attempts = [
        changed(ANNEX, annex_id=49001, amendment_id=1),
        changed(ANNEX, amendment_id=49011),
        changed(MONTH, annex_id=49001),
        changed(EMPLOYMENT, contract_id=790_001),
        changed(EXAMPLES[DocumentType.EXIT], contract_id=790_001),
    ]
    answer = editor.declare(*attempts)
    assert (answer.status_code, codes(answer)) == (403, [["not-mandated"]] * 5)


def test_an_editor_does_not_take_the_place_of_the_asps_record_of_a_structure(
    home: TestHome, asp: Door, editor: Door
) -> None:
    theirs = EXAMPLES[DocumentType.STRUCTURE]
    ours = changed(theirs, name="AUTRE", insee_code=None)
    key = {"structure_id": ours["data"]["structure_id"]}
    gone = {"type": "structure", "data": key, "withdrawn": True}
    assert asp.declare(theirs).status_code == 201
    before = counts(home)
    for declaration in (ours, gone):
        answer = editor.declare(declaration)
        assert (answer.status_code, codes(answer)) == (400, [["held-by-better-source"]])
    assert counts(home)["outbox"] == before["outbox"]
    assert statuses(asp.declare(gone)) == ["accepted"]
    assert statuses(editor.declare(ours, gone)) == ["accepted", "accepted"]
    assert statuses(asp.declare(theirs)) == ["accepted"]


def test_a_month_needs_an_annex_that_is_known_or_in_the_same_batch(
    home: TestHome, asp: Door, editor: Door
) -> None:
    month = changed(MONTH, annex_id=42777)
    assert codes(editor.declare(month)) == [["unknown-annex"]]
    annex = changed(ANNEX, annex_id=42777, amendment_id=427771)
    assert statuses(editor.declare(annex, month)) == ["accepted", "accepted"]
    orphan = changed(MONTH, annex_id=42888)
    answer = asp.declare(orphan)
    assert answer.status_code == 201
    (row,) = fetch(
        home, "SELECT key FROM outbox WHERE headers::json->>'ce_subject' = '42888/2026-03'"
    )
    assert row[0] == "42888"


def test_mandates_end_at_once(home: TestHome, url: str) -> None:
    door = door_of(url, add_client(home, "short", 4102, 4103))
    structure = changed(EXAMPLES[DocumentType.STRUCTURE], structure_id=4102)
    assert door.declare(structure).status_code == 201
    home.cadran("clients", "end-mandate", "short", "--structure", 4102)
    assert door.declare(structure).status_code == 403
    home.cadran("clients", "end-mandate", "short", "--structure", 4102, expect=2)


def test_the_figure_counts_what_was_declared(home: TestHome, url: str, asp: Door) -> None:
    asp.declare(EXAMPLES[DocumentType.STRUCTURE], ANNEX, MONTH)
    total = counts(home)["outbox"]
    home.start_workers()
    wait_for_records(home, total)
    rows = home.export("annex-months")
    (march,) = [r for r in rows if (r["annex_id"], r["year"], r["month"]) == ("42001", "2026", "3")]
    assert (march["hours"], march["validated"]) == ("199.00", "true")
    refusals = httpx.get(f"{url}/metrics", verify=PLAIN).text
    assert 'cadran_refusals_total{code="not-mandated",door="declarations",service="ingest"}' in (
        refusals
    )


def test_the_asps_record_of_a_structure_exceeds_an_editors_of_the_time_of_its_load(
    home: TestHome, asp: Door, editor: Door
) -> None:
    theirs = EXAMPLES[DocumentType.STRUCTURE]
    structure = theirs["data"]["structure_id"]
    gone = {"type": "structure", "data": {"structure_id": structure}, "withdrawn": True}
    assert asp.declare(theirs, gone).status_code == 201
    began = datetime.now(UTC)
    assert statuses(editor.declare(changed(theirs, name="AUTRE"))) == ["accepted"]

    async def load() -> None:
        settings = home.home.settings(IngestSettings)
        batch = Batch(read_values([theirs]), b"", None)
        async with build_database(settings, "test").connection() as connection:
            await take(settings, connection, "asp", batch, began)

    asyncio.run(load())
    rows = fetch(
        home,
        "SELECT source, revision FROM document WHERE document_type = 'structure' AND id = $1"
        " ORDER BY revision",
        structure,
    )
    assert [source for source, _ in rows] == ["editor", "asp"]
