"""Dead letters by command and by HTTP: who sees what, and a replay that applies once."""

import asyncio
import json
import os
import pwd
import re
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from typing import Any

import asyncpg
import httpx
import pytest

from services.etp.app import build_web
from services.etp.settings import EtpSettings
from shared.auth.grants import PAYLOAD_GRANT
from shared.auth.keys import load_signing_key
from shared.auth.roles import Principal, Role
from shared.auth.tokens import sign
from shared.contracts.registry import DECLARATIONS
from shared.settings import ServiceSettings
from tests.homes import READY_SECONDS, TestHome, wait_for_records
from tests.poison import Written, dead_letters, month_headers, month_value, sound, write

LOGIN = pwd.getpwuid(os.getuid()).pw_name
OTHERS = (
    Principal(Role.SIAE, structures=frozenset({101})),
    Principal(Role.CD, department="54"),
    Principal(Role.DGEFP),
    Principal(Role.ASP),
    Principal(Role.SOURCE, source="asp"),
)
NIR = "1850693999999"
PERSONAL = month_value(2, hours="-1")[:-1] + f', "nom": "DUPONT", "note": "{NIR}, vu"}}'.encode()


@pytest.fixture(scope="module")
def refused(home: TestHome) -> TestHome:
    """Months 0 and 1, sound, that an older release refused, and two that none will take; the
    present release runs."""
    home.launch("etp-worker", "-m", "tests.integration.older_release")
    home.wait_ready("etp-worker", home.address("etp-worker"))
    never = Written(month_headers(3, ce_id=None), month_value(3))
    records = [sound(0), sound(1), Written(month_headers(2), PERSONAL), never]
    asyncio.run(write(home.home.settings(ServiceSettings), records))
    assert wait_for_records(home, 4)["rejected"] == 4
    home.stop("etp-worker")
    home.start("etp-worker", "worker", "etp")
    return home


@pytest.fixture
def grant(refused: TestHome) -> Iterator[Any]:
    """Write the file of the right to payloads; it is taken away afterwards."""
    path = refused.home.secrets / PAYLOAD_GRANT

    def write_grant(text: str, mode: int = 0o600) -> None:
        path.write_text(text, "utf-8")
        path.chmod(mode)

    yield write_grant
    path.unlink(missing_ok=True)


def kept(home: TestHome) -> list[dict[str, Any]]:
    """The dead letters, as rows."""
    return asyncio.run(dead_letters(home, "etp"))


def accesses(home: TestHome) -> list[tuple[str, str, str, bool]]:
    """The access log: reader, action, resource, allowed."""

    async def read() -> list[tuple[str, str, str, bool]]:
        connection = await asyncpg.connect(home.home.read()["postgres"]["dsn"])
        rows = await connection.fetch("SELECT * FROM etp.access_log ORDER BY id")
        await connection.close()
        return [tuple(row)[2:] for row in rows]

    return asyncio.run(read())


def test_a_dead_letter_shows_its_failure_and_not_what_it_held(refused: TestHome) -> None:
    letter = refused.cadran_json("dead-letters", "list")["rows"][2]
    assert (letter["kind"], letter["recoveries"]) == ("contract_violation", 0)
    text = refused.cadran("dead-letters", "show", letter["id"])
    shown = json.loads(text)
    assert shown["paths"] == ["lines.0.hours"]
    assert (shown["offset"], shown["payload_size"]) == (2, len(PERSONAL))
    assert re.fullmatch("[0-9a-f]{64}", shown["payload_digest"])
    assert "payload" not in shown
    assert "DUPONT" not in text
    assert accesses(refused) == []


@pytest.mark.parametrize(
    ("text", "mode"),
    [
        (None, 0),
        ("", 0o600),
        ("someone-else\n", 0o600),
        (f"{LOGIN}\n", 0o620),
        (f"x{LOGIN}", 0o600),
    ],
)
def test_a_payload_is_refused_without_its_right_and_the_refusal_is_noted(
    refused: TestHome, grant: Any, text: str | None, mode: int
) -> None:
    if text is not None:
        grant(text, mode)
    before = accesses(refused)
    identifier = kept(refused)[2]["id"]
    said = refused.cadran("dead-letters", "show", identifier, "--payload", expect=2)
    assert said == ""
    noted = (LOGIN, "dead-letter-payload", f"dead_letter {identifier}", False)
    assert accesses(refused) == [*before, noted]


def test_a_payload_is_shown_masked_to_who_has_the_right_and_that_is_noted(
    refused: TestHome, grant: Any
) -> None:
    grant(f"someone-else\n{LOGIN}\n")
    before = accesses(refused)
    identifier = kept(refused)[2]["id"]
    shown = json.loads(refused.cadran("dead-letters", "show", identifier, "--payload"))
    held = json.loads(shown["payload"])
    assert held["lines"][0]["hours"] == "-1"
    assert (held["nom"], held["note"]) == ("***", "***, vu")
    noted = (LOGIN, "dead-letter-payload", f"dead_letter {identifier}", True)
    assert accesses(refused) == [*before, noted]
    last = refused.cadran_json("access-log")["rows"][-1]
    assert (last["service"], last["reader"], last["allowed"]) == ("etp", LOGIN, True)


def test_what_names_a_person_is_kept_nowhere(refused: TestHome) -> None:
    rows = kept(refused)
    assert NIR.encode() in PERSONAL
    assert "DUPONT" not in repr(rows)
    assert NIR not in repr(rows)


def test_an_unknown_dead_letter_or_service_is_refused(refused: TestHome) -> None:
    refused.cadran("dead-letters", "show", 999_999, expect=2)
    refused.cadran("dead-letters", "show", 2**70, expect=2)
    refused.cadran("dead-letters", "replay", 999_999, expect=2)
    refused.cadran("dead-letters", "list", "--service", "moon", expect=2)
    elsewhere = refused.cadran_json("dead-letters", "list", "--service", "modulation")
    assert elsewhere == {"rows": []}, "each service keeps its own"


def test_a_replay_after_the_fix_applies_once(refused: TestHome) -> None:
    first, second, _, never = kept(refused)[:4]
    settings = refused.home.settings(ServiceSettings)
    refused.cadran("dead-letters", "replay", first["id"])
    assert wait_for_records(refused, 5) == _counts(applied=1, rejected=4)
    refused.cadran("dead-letters", "replay", first["id"])
    asyncio.run(write(settings, [sound(1)]))
    assert wait_for_records(refused, 7) == _counts(applied=2, stale=1, rejected=4)
    refused.cadran("dead-letters", "replay", second["id"])
    assert wait_for_records(refused, 8) == _counts(applied=2, stale=2, rejected=4)
    refused.cadran("dead-letters", "replay", never["id"], expect=2)
    assert [row["recoveries"] for row in kept(refused)] == [2, 1, 0, 0]
    refused.cadran("accounts")


def _counts(**some: int) -> dict[str, int]:
    names = ("applied", "stale", "not_for_us", "rejected", "compacted")
    return {name: some.get(name, 0) for name in names}


class Api:
    """A client that signs its own tokens."""

    def __init__(self, client: httpx.AsyncClient, home: TestHome) -> None:
        self._client = client
        self._key = load_signing_key(home.home.secrets)

    async def ask(
        self, path: str, principal: Principal | None = None, *, method: str = "GET"
    ) -> httpx.Response:
        """The answer to the operator, unless another is named."""
        asker = principal or Principal(Role.OPERATOR)
        headers = {"Authorization": f"Bearer {sign(asker, self._key, datetime.now(UTC))}"}
        return await self._client.request(method, f"/v1/dead-letters{path}", headers=headers)


@pytest.fixture(scope="module")
async def api(refused: TestHome) -> AsyncIterator[Api]:
    app = build_web(refused.home.settings(EtpSettings))
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://etp") as client,
    ):
        yield Api(client, refused)


@pytest.mark.parametrize("principal", OTHERS, ids=lambda principal: principal.role)
@pytest.mark.parametrize(("method", "path"), [("GET", ""), ("GET", "/1"), ("POST", "/1/replay")])
async def test_only_the_operator_is_let_in(
    api: Api, principal: Principal, method: str, path: str
) -> None:
    answer = await api.ask(path, principal, method=method)
    assert (answer.status_code, answer.json()["code"]) == (403, "role-refused")


async def test_the_operator_reads_the_commands_rows_by_pages(api: Api, refused: TestHome) -> None:
    rows = await dead_letters(refused, "etp")
    page = (await api.ask("?size=2&page=2")).json()
    assert (page["total"], page["size"], page["page"]) == (len(rows), 2, 2)
    names = ("id", "kind", "topic", "partition", "recoveries")
    for item, row in zip(page["items"], rows[2:4], strict=True):
        assert {name: item[name] for name in names} == {name: row[name] for name in names}
        assert item["offset"] == row["record_offset"]
        assert set(item) == {*names, "offset", "failed_at"}
    violations = (await api.ask("?kind=contract_violation")).json()
    assert [item["id"] for item in violations["items"]] == [rows[2]["id"]]
    answer = await api.ask("?kind=nothing")
    assert (answer.status_code, answer.json()["errors"][0]["path"]) == (422, "query.kind")


async def test_the_operator_sees_failure_source_and_digest_never_a_payload(api: Api) -> None:
    (violation,) = (await api.ask("?kind=contract_violation")).json()["items"]
    answer = await api.ask(f"/{violation['id']}")
    detail = answer.json()
    assert (detail["paths"], detail["topic"][-15:]) == (["lines.0.hours"], DECLARATIONS)
    assert {"payload_size", "payload_digest", "processor", "record_timestamp"} <= set(detail)
    assert not {"payload", "headers", "key"} & set(detail)
    assert "DUPONT" not in answer.text


async def test_the_operator_replays(api: Api, refused: TestHome) -> None:
    before = await dead_letters(refused, "etp")
    violation = before[2]
    answer = await api.ask(f"/{violation['id']}/replay", method="POST")
    assert answer.status_code == 202
    assert answer.json() == {"id": violation["id"], "recoveries": violation["recoveries"] + 1}
    deadline = asyncio.get_running_loop().time() + READY_SECONDS
    after = before
    while len(after) == len(before) and asyncio.get_running_loop().time() < deadline:
        await asyncio.sleep(0.1)
        after = await dead_letters(refused, "etp")
    assert after[2]["recoveries"] == violation["recoveries"] + 1
    assert [row["kind"] for row in after[len(before) :]] == ["contract_violation"]


@pytest.mark.parametrize("path", ["/999999", f"/{2**63 - 1}"])
@pytest.mark.parametrize(("method", "suffix"), [("GET", ""), ("POST", "/replay")])
async def test_what_does_not_exist_is_404(api: Api, path: str, method: str, suffix: str) -> None:
    answer = await api.ask(path + suffix, method=method)
    assert (answer.status_code, answer.json()["code"]) == (404, "dead-letter-unknown")
    assert answer.json()["title"] == "Enregistrement introuvable"


@pytest.mark.parametrize("path", ["/0", "/-1", f"/{2**63}", "/x"])
async def test_what_is_no_identifier_is_refused(api: Api, path: str) -> None:
    answer = await api.ask(path)
    assert (answer.status_code, answer.json()["code"]) == (422, "request-invalid")


async def test_what_cannot_be_replayed_says_why_and_changes_nothing(
    api: Api, refused: TestHome
) -> None:
    connection = await asyncpg.connect(refused.home.read()["postgres"]["dsn"])
    gone = await connection.fetchval(
        "INSERT INTO etp.dead_letter (kind, processor, reason, paths, failed_at, topic, partition,"
        " record_offset, record_timestamp, headers, payload_size) SELECT kind, processor, reason,"
        " paths, failed_at, topic, partition, 10000, record_timestamp, headers, 0"
        " FROM etp.dead_letter ORDER BY id LIMIT 1 RETURNING id"
    )
    never = await connection.fetchval("SELECT id FROM etp.dead_letter WHERE kind = 'bad_envelope'")
    for identifier, code in ((gone, "record-gone"), (never, "record-never-readable")):
        answer = await api.ask(f"/{identifier}/replay", method="POST")
        assert (answer.status_code, answer.json()["code"]) == (409, code)
    assert await connection.fetchval("SELECT count(*) FROM etp.outbox WHERE topic !~ 'dlq'") == 0
    await connection.execute("DELETE FROM etp.dead_letter WHERE id = $1", gone)
    await connection.close()
