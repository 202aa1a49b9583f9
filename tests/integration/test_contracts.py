"""What contracts, persons and exits take from earlier deliveries, and when they are renewed."""

import asyncio
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from services.ingest.database import build_database
from services.ingest.domain.pseudonyms import PersonHash
from services.ingest.load import load_feed
from services.ingest.requests import LoadRefused, LoadRequest, Progress
from services.ingest.settings import IngestSettings
from tests.feeds import Feed
from tests.homes import TestHome

NIR, OTHER_NIR = "237329910734138", "174339911434220"
CONTRACTS, LINES = "ContratMission", "EtatMensuelIndiv"


@dataclass
class Door:
    """The door of a home without workers: what it publishes waits in its outbox."""

    home: TestHome
    folder: Path
    days: Iterator[int]

    def load(
        self, feed: Feed, *views: str, accept_withdrawals: bool = False
    ) -> tuple[Any, list[dict[str, Any]]]:
        """Load some views of a delivery, all by default: receipt, and events as {type, key,
        data}."""
        request = LoadRequest([self.write(feed, *views)], accept_withdrawals=accept_withdrawals)
        return asyncio.run(self._load(request, lambda _name: None))

    def write(self, feed: Feed, *views: str) -> Path:
        """The files of a delivery, a day later than the former one."""
        day = next(self.days)
        feed.stamp = f"{1 + day % 28:02d}{1 + day // 28:02d}2026_063004"
        return feed.write(self.folder / str(day), views or None)

    def load_files(
        self, folder: Path, checkpoint: Callable[[str], None] = lambda _name: None
    ) -> tuple[Any, list[dict[str, Any]]]:
        """Load files as they are; `checkpoint` is told of each chunk."""
        return asyncio.run(self._load(LoadRequest([folder]), checkpoint))

    async def _load(
        self, request: LoadRequest, checkpoint: Callable[[str], None]
    ) -> tuple[Any, list[dict[str, Any]]]:
        settings = self.home.home.settings(IngestSettings)
        database = build_database(settings, "test")
        async with database.connection() as connection:
            await connection.execute("DELETE FROM outbox")
        receipt = await load_feed(settings, database, request, Progress(), checkpoint)
        async with database.connection() as connection:
            rows = await connection.fetch("SELECT key, headers, value FROM outbox ORDER BY id")
        events = [
            {
                "type": json.loads(headers)["ce_type"]
                .removeprefix("fr.cadran.")
                .removesuffix(".v1"),
                "key": key,
                "data": json.loads(value),
            }
            for key, headers, value in rows
        ]
        return receipt, events


@pytest.fixture
def door(home: TestHome, tmp_path: Path) -> Iterator[Door]:
    """Nothing was delivered yet."""
    door = Door(home, tmp_path, count())
    yield door
    asyncio.run(_forget(home))


async def _forget(home: TestHome) -> None:
    database = build_database(home.home.settings(IngestSettings), "test")
    tables = "submission, chunk, reject, document, annex_owner, outbox, structure_persons"
    async with database.connection() as connection:
        await connection.execute(f"TRUNCATE {tables}, exit_reason, exit_category CASCADE")


def delivery(**contract: Any) -> Feed:
    """A contract of person 5 with structure 101, its line of January, exit reasons; and forty other
    contracts, so that one document is less than 5 %."""
    feed = Feed()
    feed.reason(1, "EMBAUCHE EN CDI", 1)
    feed.category(1, "Emploi durable")
    feed.person(5, NIR)
    feed.contract(1, 5, 101, **contract)
    for number in range(1000, 1040):
        feed.contract(number, number, number - 898)
    feed.line(7, 2026, 1, 100, emi_ctr_id=1)
    return feed


def pseudonym(door: Door, nir: str | None) -> str:
    settings = door.home.home.settings(IngestSettings)
    persons = PersonHash(bytes.fromhex(settings.secret("person-hash.key")))
    return persons.of_structure(101, nir, 5)


def test_without_salarie_a_person_stays_who_it_was(door: Door) -> None:
    door.load(delivery())
    _, (event,) = door.load(delivery(contrat_date_fin_contrat="31/12/2026"), CONTRACTS)
    assert event["data"]["ends_on"] == "2026-12-31"
    assert event["data"]["person"] == pseudonym(door, NIR)


def test_salarie_alone_changes_nothing_until_contracts_come(door: Door) -> None:
    door.load(delivery())
    corrected = delivery()
    corrected.rows["Salarie"][0]["salarie_nir"] = OTHER_NIR
    receipt, events = door.load(corrected, "Salarie")
    assert receipt["published"] == 0
    assert events == []
    receipt, (event,) = door.load(corrected, CONTRACTS)
    assert receipt["documents"]["employment"]["changed"] == 1
    assert event["data"]["person"] == pseudonym(door, OTHER_NIR)


def test_a_person_that_salarie_no_longer_tells_is_told_by_its_id(door: Door) -> None:
    door.load(delivery())
    lost = delivery()
    lost.rows["Salarie"].clear()
    _, (event,) = door.load(lost, "Salarie", CONTRACTS)
    assert event["data"]["person"] == pseudonym(door, None)


def test_a_contract_without_salarie_ever_is_told_by_its_persons_id(door: Door) -> None:
    _, events = door.load(delivery(), CONTRACTS)
    assert {event["type"] for event in events} == {"employment.declared"}
    (person,) = [e["data"]["person"] for e in events if e["data"]["contract_id"] == 1]
    assert person == pseudonym(door, None)


@pytest.mark.parametrize("views", [(CONTRACTS,), (LINES,)])
def test_exits_are_renewed_only_with_contracts_and_lines(door: Door, views: tuple[str]) -> None:
    left = {"contrat_date_sortie_definitive": "31/01/2026", "contrat_motif_sortie_id": 1}
    receipt, _ = door.load(delivery(**left))
    assert receipt["documents"]["exit"]["new"] == 1
    none = {"new": 0, "changed": 0, "unchanged": 0, "withdrawn": 0}
    assert door.load(delivery(), *views)[0]["documents"]["exit"] == none
    receipt, (event,) = door.load(delivery(), CONTRACTS, LINES)
    assert receipt["documents"]["exit"] == none | {"withdrawn": 1}
    assert event == {"type": "exit.withdrawn", "key": "101", "data": {"contract_id": 1}}
    receipt, (event,) = door.load(delivery(**left))
    assert receipt["documents"]["exit"] == none | {"new": 1}
    assert event["data"] == {
        "contract_id": 1,
        "structure_id": 101,
        "left_on": "2026-01-31",
        "reason": "EMBAUCHE EN CDI",
        "category": "Emploi durable",
        "left_on_source": "contract",
    }


def test_what_a_contract_leaves_empty_comes_from_its_last_validated_line(door: Door) -> None:
    feed = delivery(contrat_date_sortie_definitive="31/01/2026")
    feed.line(
        7, 2026, 2, 100, emi_ctr_id=1, emi_date_fin_reelle="20/02/2026", emi_motif_sortie_id=1
    )
    feed.line(
        7, 2026, 3, 100, emi_ctr_id=1, emi_date_fin_reelle="20/03/2026", emi_esm_etat_code="SAISI"
    )
    _, events = door.load(feed)
    (left,) = [e["data"] for e in events if e["type"] == "exit.declared"]
    assert (left["left_on"], left["left_on_source"]) == ("2026-01-31", "contract")
    assert left["reason"] == "EMBAUCHE EN CDI"
    feed.rows[CONTRACTS][0]["contrat_date_sortie_definitive"] = None
    _, events = door.load(feed)
    (left,) = [e["data"] for e in events if e["type"] == "exit.declared"]
    assert (left["left_on"], left["left_on_source"]) == ("2026-02-20", "monthly-state")
    feed.rows[LINES][1]["emi_esm_etat_code"] = "SAISI"
    _, events = door.load(feed)
    assert "exit.withdrawn" in {event["type"] for event in events}


def test_exit_reasons_are_those_of_the_last_delivery_that_held_them(door: Door) -> None:
    left = {"contrat_date_sortie_definitive": "31/01/2026", "contrat_motif_sortie_id": 1}
    door.load(delivery(**left))
    receipt, _ = door.load(delivery(**left), CONTRACTS, LINES)
    assert receipt["documents"]["exit"]["unchanged"] == 1
    assert receipt["warnings"] == {}
    renamed = delivery(**left)
    renamed.rows["RefMotifSort"].clear()
    renamed.reason(1, "EMBAUCHE EN CDI AIDÉ", 1)
    assert door.load(renamed, "RefMotifSort")[0]["published"] == 0
    _, (event,) = door.load(delivery(**left), CONTRACTS, LINES)
    assert event["data"]["reason"] == "EMBAUCHE EN CDI AIDÉ"


def test_a_withdrawn_contract_goes_under_its_structure_and_comes_back_new(door: Door) -> None:
    door.load(delivery(), CONTRACTS)
    without = delivery()
    del without.rows[CONTRACTS][0]
    receipt, (event,) = door.load(without, CONTRACTS)
    assert receipt["documents"]["employment"]["withdrawn"] == 1
    assert event == {"type": "employment.withdrawn", "key": "101", "data": {"contract_id": 1}}
    receipt, (event,) = door.load(delivery(), CONTRACTS)
    assert receipt["documents"]["employment"]["new"] == 1
    assert event["key"] == "101"


def test_more_than_five_percent_of_contracts_gone_is_refused(door: Door) -> None:
    door.load(delivery(), CONTRACTS)
    fewer = delivery()
    del fewer.rows[CONTRACTS][:3]
    with pytest.raises(LoadRefused) as refused:
        door.load(fewer, CONTRACTS)
    assert refused.value.code == "too-many-withdrawals"
    receipt, _ = door.load(fewer, CONTRACTS, accept_withdrawals=True)
    assert receipt["documents"]["employment"]["withdrawn"] == 3


def test_a_contract_that_changes_structure_is_another_person_and_key(door: Door) -> None:
    door.load(delivery())
    moved = delivery()
    moved.rows[CONTRACTS][0]["contrat_id_structure"] = 102
    _, (event,) = door.load(moved, CONTRACTS, "Salarie")
    assert event["key"] == "102"
    assert event["data"]["person"] not in {pseudonym(door, NIR), pseudonym(door, None)}


class StoppedError(Exception):
    """The load ends here, as if it had been killed."""


def test_a_load_stopped_between_two_chunks_goes_on(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.ingest.readers.scan.BUCKET_TEXT_BYTES", 1_000)
    feed = delivery(contrat_date_sortie_definitive="31/01/2026", contrat_motif_sortie_id=1)
    folder = door.write(feed)

    def stop(_name: str) -> None:
        raise StoppedError

    with pytest.raises(StoppedError):
        door.load_files(folder, stop)
    receipt, rest = door.load_files(folder)
    new = {kind: counts["new"] for kind, counts in receipt["documents"].items()}
    assert (new["employment"], new["exit"], new["monthly-state"]) == (41, 1, 1)
    assert 0 < len(rest) < receipt["published"]
    receipt, events = door.load(feed)
    assert receipt["published"] == 0
    assert events == []
