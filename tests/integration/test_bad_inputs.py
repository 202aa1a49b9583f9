"""Every bad input at every door: a clear error, nothing changed, one more counted."""

import asyncio
import gzip
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from services.ingest.database import build_database
from services.ingest.load import load_feed
from services.ingest.requests import LoadRefused, LoadRequest, Progress
from services.ingest.settings import IngestSettings
from shared.contracts.registry import DocumentType
from tests import bad_inputs
from tests.bad_inputs import ANNEX, EMPLOYMENT, FEED_MINI, MONTH, changed
from tests.doors import EXAMPLES, PLAIN, STRUCTURE, Door, add_client, codes, counts, door_of, fetch
from tests.homes import TestHome

JSON = {"Content-Type": "application/json"}
LINES = {"Content-Type": "application/x-ndjson"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
OTHER = 4999
"""A structure that gave no mandate."""


@pytest.fixture(scope="module")
def url(home: TestHome) -> str:
    return home.start("web", "web", CADRAN_DECLARATIONS_MAX_BYTES="200000")


@pytest.fixture(scope="module")
def editor(home: TestHome, url: str) -> Door:
    """A source mandated by the examples' structure, which declared its annex and a contract."""
    door = door_of(url, add_client(home, "editor", STRUCTURE))
    assert door.declare(ANNEX, EMPLOYMENT).status_code == 201
    return door


@pytest.fixture(scope="module")
def doors(home: TestHome, url: str, editor: Door) -> dict[str, Door]:
    """Who knocks, by name."""

    def with_token(*options: object) -> Door:
        return Door(url, home.cadran("token", *options).strip())

    return {
        "editor": editor,
        "nobody": Door(url, None),
        "forger": Door(url, "ey.ey.ey"),
        "dgefp": with_token("--role", "dgefp"),
        "stranger": with_token("--role", "source", "--source", "stranger"),
    }


def counted(url: str, door: str, code: str) -> float:
    """How often the web process refused, by door and code."""
    labels = f'{{code="{code}",door="{door}",service="ingest"}}'
    found = re.search(re.escape(f"cadran_refusals_total{labels}") + r" (\S+)", metrics(url))
    return float(found[1]) if found else 0


def metrics(url: str) -> str:
    return httpx.get(f"{url}/metrics", verify=PLAIN).text


def body(**more: Any) -> dict[str, Any]:
    """A request whose body is the example month, but for `more`."""
    return {"content": json.dumps([MONTH]), "headers": JSON, **more}


@pytest.mark.parametrize(
    ("who", "request_", "status", "code"),
    [
        ("nobody", body(), 401, "token-absent"),
        ("forger", body(), 401, "token-invalid"),
        ("dgefp", body(), 403, "role-refused"),
        ("stranger", body(), 403, "source-unknown"),
        ("editor", body(headers={"Content-Type": "text/plain"}), 415, "unsupported-media-type"),
        ("editor", body(headers={}), 415, "unsupported-media-type"),
        ("editor", body(headers={**JSON, "Content-Encoding": "gzip"}), 415, "encoded-body"),
        ("editor", body(content=gzip.compress(b"[]")), 400, "unreadable-json"),
        ("editor", body(content=b" " * 200_001), 413, "body-too-large"),
        ("editor", body(content=(b" " * 10**5 for _ in range(3))), 413, "body-too-large"),
        ("editor", body(content=b"[" * 100_000), 400, "too-deep"),
        ("editor", body(content=b"[" + b"1," * 1_000 + b"1]"), 413, "too-many-declarations"),
        ("editor", body(content=b"1\n" * 1_001, headers=LINES), 413, "too-many-declarations"),
        ("editor", body(content=b"[{]"), 400, "unreadable-json"),
        ("editor", body(content=b'["\xff"]'), 400, "unreadable-json"),
        ("editor", body(content=b"[NaN]"), 400, "unreadable-json"),
        ("editor", body(content=b""), 400, "unreadable-json"),
        ("editor", body(content=b"[]"), 400, "empty-batch"),
        ("editor", body(content=b'{"type": "exit", "type": "exit"}'), 400, "repeated-member"),
        ("editor", body(content=b"\n\n", headers=LINES), 400, "empty-batch"),
        ("editor", body(headers={**JSON, "Idempotency-Key": "k" * 256}), 422, "request-invalid"),
        ("editor", body(headers={**JSON, "Idempotency-Key": "a b"}), 422, "request-invalid"),
    ],
)
def test_a_body_of_declarations_is_refused_whole(
    home: TestHome,
    url: str,
    doors: dict[str, Door],
    *,
    who: str,
    request_: dict[str, Any],
    status: int,
    code: str,
) -> None:
    before, refused = counts(home), counted(url, "declarations", code)
    answer = doors[who].post("/declarations", **request_)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["title"]
    assert answer.json()["detail"]
    assert counts(home) == before
    assert counted(url, "declarations", code) == refused + 1


JUDGED: list[tuple[object, str]] = [
    *((raw, found[0][0]) for raw, found in bad_inputs.FORMS if raw != {}),
    *((raw, found[0]) for raw, found in bad_inputs.RULES),
    (changed(EXAMPLES[DocumentType.STRUCTURE], structure_id=OTHER), "not-mandated"),
    (changed(EXAMPLES[DocumentType.SUPPORT_HOURS], structure_id=OTHER), "not-mandated"),
    (changed(ANNEX, structure_id=OTHER), "not-mandated"),
    (changed(EMPLOYMENT, structure_id=OTHER), "not-mandated"),
    (changed(MONTH, annex_id=49_999), "unknown-annex"),
    (
        {
            "type": "monthly-state",
            "data": {"annex_id": 1, "year": 1, "month": 1},
            "withdrawn": True,
        },
        "not-declared",
    ),
]


@pytest.mark.parametrize(("raw", "code"), JUDGED)
def test_a_declaration_is_rejected_with_its_place(
    home: TestHome, url: str, editor: Door, raw: object, code: str
) -> None:
    before, refused = counts(home), counted(url, "declarations", code)
    answer = editor.declare(raw)
    assert answer.status_code == (403 if code == "not-mandated" else 400)
    assert (answer.json()["code"], codes(answer)[0][0]) == ("none-accepted", code)
    assert all(error["message"] for error in answer.json()["items"][0]["errors"])
    after = counts(home)
    assert after["submission"] == before["submission"] + 1
    assert after["reject"] > before["reject"]
    kept = before.keys() - {"submission", "reject"}
    assert {name: after[name] for name in kept} == {name: before[name] for name in kept}
    assert counted(url, "declarations", code) == refused + 1


GRANT = b"grant_type=client_credentials"
BASIC = "Basic Zm9vOmJhcg=="
"""foo:bar"""


def form(**headers: str) -> dict[str, str]:
    return {**FORM, **headers}


@pytest.mark.parametrize(
    ("content", "headers", "error"),
    [
        (b"", FORM, "invalid_request"),
        (b"%", FORM, "invalid_request"),
        (b"\xff=\xff", FORM, "invalid_request"),
        (GRANT, JSON, "invalid_request"),
        (b"client_id=a&client_secret=b", FORM, "invalid_request"),
        (b"grant_type=password", FORM, "unsupported_grant_type"),
        (GRANT + b"&grant_type=password", FORM, "invalid_request"),
        (GRANT + b"&scope=dgefp", FORM, "invalid_scope"),
        (GRANT, FORM, "invalid_client"),
        (GRANT + b"&client_id=a%00", FORM, "invalid_client"),
        (GRANT + b"&client_id=a%00&client_secret=%ff", FORM, "invalid_client"),
        (GRANT, form(Authorization=BASIC), "invalid_client"),
        (GRANT, form(Authorization="Basic !"), "invalid_client"),
        (GRANT, form(Authorization="Bearer x"), "invalid_client"),
        (GRANT + b"&client_secret=b", form(Authorization=BASIC), "invalid_request"),
    ],
)
def test_a_request_for_a_token_is_refused_as_the_rfc_says(
    home: TestHome, url: str, content: bytes, headers: dict[str, str], error: str
) -> None:
    before, refused = counts(home), counted(url, "token", error)
    answer = Door(url, None).post("/token", content=content, headers=headers)
    status = 401 if error == "invalid_client" else 400
    assert (answer.status_code, answer.json()["error"]) == (status, error)
    assert answer.json()["error_description"]
    assert answer.headers["cache-control"] == "no-store"
    assert ("www-authenticate" in answer.headers) == (status == 401)
    assert counts(home) == before
    assert counted(url, "token", error) == refused + 1


def test_a_revoked_client_gets_no_token(home: TestHome, url: str) -> None:
    client = add_client(home, "brief", 4100)
    assert client in home.home.read()["clients"]
    door_of(url, client)
    home.cadran("clients", "revoke", client["client_id"])
    answer = Door(url, None).post(
        "/token",
        data={"grant_type": "client_credentials"},
        auth=(client["client_id"], client["client_secret"]),
    )
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
    assert client not in home.home.read()["clients"]
    rows = home.cadran_json("clients", "list")["rows"]
    (row,) = [row for row in rows if row["client_id"] == client["client_id"]]
    assert (row["revoked"], row["structures"]) == (True, [4100])
    home.cadran("clients", "revoke", client["client_id"], expect=2)


@pytest.mark.parametrize(
    "arguments",
    [["bad name", "--structure", 1], ["editor2"], ["editor2", "--structure", "x"]],
)
def test_a_client_that_cannot_be_is_not_added(home: TestHome, arguments: list[object]) -> None:
    before = fetch(home, "SELECT (SELECT count(*) FROM client), (SELECT count(*) FROM source)")
    home.cadran("clients", "add", *arguments, expect=2)
    assert fetch(home, "SELECT (SELECT count(*) FROM client), (SELECT count(*) FROM source)") == (
        before
    )


@pytest.mark.parametrize(
    ("delivery", "code"),
    [(made, code) for _, made, code in bad_inputs.DELIVERIES],
    ids=[name for name, _, _ in bad_inputs.DELIVERIES],
)
def test_a_delivery_is_refused_whole(
    home: TestHome, tmp_path: Path, delivery: Callable[[Path], Path], code: str
) -> None:
    """What `cadran load` and the worker both call."""
    settings = home.home.settings(IngestSettings)
    database = build_database(settings, "test")
    before = counts(home)
    request = LoadRequest([delivery(tmp_path)])
    with pytest.raises(LoadRefused) as refused:
        asyncio.run(load_feed(settings, database, request, Progress()))
    assert refused.value.code == code
    assert refused.value.reason
    assert counts(home) | {"refusal": 0} == before | {"refusal": 0}
    (row,) = fetch(home, "SELECT count FROM refusal WHERE door = 'load' AND code = $1", code)
    assert row[0] >= 1
    assert not list((home.home.path / "ingest").rglob("*.csv*"))


def test_only_a_source_that_declares_for_all_loads_a_delivery(home: TestHome) -> None:
    home.cadran("clients", "add", "small-editor", "--structure", STRUCTURE)
    before = counts(home)
    refusal = home.cadran_json("load", FEED_MINI / "feed", "--source", "small-editor", expect=2)
    assert refusal["code"] == "feed-not-open"
    assert counts(home) | {"refusal": 0} == before | {"refusal": 0}


def test_every_reject_of_a_row_is_in_the_sample() -> None:
    """Rows are tested one by one by feed-mini: each code that the documents name is in it."""
    interfaces = (Path(__file__).parents[2] / "docs" / "interfaces.md").read_text("utf-8")
    named = re.search(r"^Reject codes: `([a-z -]+)`", interfaces, re.MULTILINE)
    text = (FEED_MINI / "expected" / "rejects.csv").read_text("utf-8")
    found = {line.split(",")[3] for line in text.splitlines()[1:]}
    assert named is not None
    assert set(named[1].split()) == found
