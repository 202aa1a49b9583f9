"""The sample delivery through the real door: command line → ingest → Kafka → etp → exports."""

import asyncio
import csv
import json
from pathlib import Path

import asyncpg
import httpx
import pytest

from services.etp.database import build_database
from services.etp.settings import EtpSettings
from services.ingest.domain.pseudonyms import PersonHash
from services.ingest.settings import IngestSettings
from shared.contracts.registry import DECLARATIONS
from tests.homes import TestHome, read_csv
from tests.oracle_rows import view_rows
from tests.topics import read_topics

FEED_MINI = Path(__file__).parents[1] / "data" / "feed-mini"
DELIVERIES = [FEED_MINI, FEED_MINI / "second-delivery", FEED_MINI / "third-delivery"]
TABLES = ("annexes", "annex-months", "structures", "territories")


@pytest.fixture(scope="module")
def loaded(home: TestHome) -> TestHome:
    """Workers running, nothing loaded yet."""
    home.start_workers()
    return home


def expected(delivery: int, file: str) -> list[dict[str, str]]:
    return read_csv(DELIVERIES[delivery] / "expected" / file)


def published_persons(home: TestHome) -> list[dict[str, str]]:
    """`persons.csv` from the employments published: one row a pseudonym's (structure, person id).

    Contracts tell whose person each is; a pseudonym that the person id alone gives is not a NIR's.
    """
    settings = home.home.settings(IngestSettings)
    persons = PersonHash(bytes.fromhex(settings.secret("person-hash.key")))
    person_of = {
        row["contrat_id_ctr"]: row["contrat_id_pph"]
        for row in view_rows(DELIVERIES[0] / "feed", "ContratMission")
    }
    pseudonym: dict[tuple[int, int], str] = {}
    for record in read_topics(settings, [DECLARATIONS]):
        if dict(record.headers)["ce_type"] == b"fr.cadran.employment.declared.v1":
            data = json.loads(record.value)
            assert int(record.key) == data["structure_id"]
            assert data["hash_key_id"] == persons.key_id
            pair = data["structure_id"], int(person_of[str(data["contract_id"])])
            assert pseudonym.setdefault(pair, data["person"]) == data["person"]
    first: dict[str, int] = {}
    for (_, person_id), person in sorted(pseudonym.items()):
        first.setdefault(person, person_id)
    return [
        {
            "structure_id": str(structure_id),
            "person_id": str(person_id),
            "same_as": str(first[person]),
            "identity": "person-id"
            if person == persons.of_structure(structure_id, None, person_id)
            else "nir",
        }
        for (structure_id, person_id), person in sorted(
            pseudonym.items(), key=lambda held: (held[0][0], len(str(held[0][1])), held[0][1])
        )
    ]


@pytest.mark.parametrize("delivery", range(3))
def test_a_delivery_gives_the_expected_receipt_rejects_and_exports(
    loaded: TestHome, tmp_path: Path, delivery: int
) -> None:
    folder = DELIVERIES[delivery]
    receipt = loaded.cadran_json("load", folder / "feed", "--wait")
    promised = json.loads((folder / "expected" / "receipt.json").read_text("utf-8"))
    assert {key: receipt[key] for key in promised} == promised
    published = sum(
        counts["new"] + counts["changed"] + counts["withdrawn"]
        for counts in promised["documents"].values()
    )
    assert receipt["published"] == published
    assert receipt["state"] == "finished"

    out = tmp_path / "rejects.csv"
    loaded.cadran("rejects", receipt["submission"], out)
    rows = read_csv(out)
    named = [{name: row[name] for name in ("view", "line", "column", "code")} for row in rows]
    assert named == expected(delivery, "rejects.csv")
    assert all(row["reason"] for row in rows)
    assert {row["value"] for row in rows if row["view"] == "Salarie"} == {"***"}

    persons = published_persons(loaded)
    assert persons == expected(delivery, "persons.csv")

    for table in TABLES:
        assert loaded.export_text(table) == (folder / "expected" / f"{table}.csv").read_text(
            "utf-8"
        ), table
    assert loaded.cadran("accounts")


def test_the_same_delivery_again_publishes_nothing(loaded: TestHome) -> None:
    receipt = loaded.cadran_json("load", DELIVERIES[2] / "feed", "--wait")
    assert receipt["published"] == 0
    assert receipt["documents"] == {
        kind: {"new": 0, "changed": 0, "withdrawn": 0, "unchanged": sum(counts.values())}
        for kind, counts in receipt["documents"].items()
    }
    assert receipt["documents"]["monthly-state"]["unchanged"] == 154


def test_a_wrong_fin_refuses_the_delivery_whole(loaded: TestHome, tmp_path: Path) -> None:
    delivery = tmp_path / "feed"
    delivery.mkdir()
    for file in (DELIVERIES[2] / "feed").iterdir():
        if "EtatMensuelIndiv" not in file.name:
            (delivery / file.name).write_bytes(file.read_bytes())
    (wrong,) = (FEED_MINI / "wrong-fin").iterdir()
    (delivery / wrong.name).write_bytes(wrong.read_bytes())
    before = loaded.export_text("annex-months")
    refusal = loaded.cadran_json("load", delivery, "--allow-older", expect=2)
    assert refusal["state"] == "refused"
    assert refusal["published"] == 0
    assert loaded.export_text("annex-months") == before


def test_an_older_delivery_is_refused_unless_allowed(loaded: TestHome) -> None:
    refusal = loaded.cadran_json("load", DELIVERIES[0] / "feed", expect=2)
    assert refusal["code"] == "older-delivery"


def test_unattributed_lines_are_told_apart(loaded: TestHome) -> None:
    rows = loaded.export("unattributed")
    why = {(row["annex_id"], row["why"]) for row in rows}
    assert why == {
        ("2028", "orphan"),
        ("2999", "orphan"),
        *((str(annex), "not-counted") for annex in (2019, 2020, 2022, 2023, 2024, 2025, 2026)),
    }


def test_etp_cannot_read_the_tables_of_ingest(loaded: TestHome) -> None:
    async def read() -> None:
        database = build_database(loaded.home.settings(EtpSettings), "test")
        async with database.connection() as connection:
            await connection.fetch("SELECT * FROM ingest.document")

    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        asyncio.run(read())


def test_exports_open_in_a_spreadsheet(loaded: TestHome) -> None:
    lines = list(csv.reader(loaded.export_text("annexes").splitlines()))
    assert {len(line) for line in lines} == {28}


def test_the_read_api_answers_within_the_scope_of_a_token(loaded: TestHome) -> None:
    address = loaded.start("web", "web")

    def read(path: str, *role: object) -> httpx.Response:
        token = loaded.cadran("token", "--role", *role).strip()
        headers = {"Authorization": f"Bearer {token}"}
        return httpx.get(f"{address}/etp/v1/{path}", headers=headers)

    exported = loaded.export("annexes")
    nation = read("annexes?size=1000", "dgefp").json()
    assert nation["total"] == len(exported)
    for item, row in zip(nation["items"], exported, strict=True):
        assert list(item) == list(row)
        assert item["realised_etp_mean"] == (row["realised_etp_mean"] or None)
    paris = read("annexes?size=1000", "cd", "--department", "75").json()
    assert {item["department"] for item in paris["items"]} == {"75"}
    own = read("annexes?size=1000", "siae", "--structure", 101).json()
    assert {item["structure_id"] for item in own["items"]} == {101}
    assert read("annexes/2003", "siae", "--structure", 101).status_code == 404
    assert read("annexes", "operator").status_code == 403
    assert httpx.get(f"{address}/etp/v1/annexes").status_code == 401
    one = read("annexes/2001", "dgefp")
    assert len(one.json()["months"]) == 12
    assert len(one.json()["versions"]) == 3
    assert one.headers["etag"]
