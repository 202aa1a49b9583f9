"""NIR and names stop at the door: planted everywhere in deliveries, they are found nowhere after.

What must be found, and is planted beside them, proves that each kind of place is searched.
"""

import json

import pytest

from shared.contracts.registry import DocumentType
from tests.doors import (
    EXAMPLES,
    STRUCTURE,
    add_client,
    as_lines,
    changed,
    door_of,
    statuses,
)
from tests.feeds import Feed
from tests.homes import TestHome
from tests.planted import places_of

NIRS = [
    f"2{year:02d}3{month}99{rank:03d}734138"
    for rank, (year, month) in enumerate(
        (year, month) for year in range(60, 64) for month in range(1, 4)
    )
]
POSTED = [f"1{year:02d}3512345{year:02d}0" for year in range(80, 88)]
EMPLOYMENT = EXAMPLES[DocumentType.EMPLOYMENT]
BORN, LIVES = "17/11/1963", "ZZRUE DES PLANTES"
NAMES = ["ZZNOMPLANTE", "ZZPRENOMPLANTE"]
SHOWN = "11X94"
WIDER = {
    "Salarie": "salarie_prenom salarie_date_naissance salarie_adresse",
    "Structure": "structure_adresse_nom_corresp_technique"
    " structure_adresse_prenom_corresp_technique",
    "ContratMission": "contrat_nom contrat_nir",
    "EtatMensuelIndiv": "emi_nom emi_nir",
}


def planted() -> Feed:
    """Rows that are kept, and rows that are rejected each for its own fault."""
    nirs = iter(NIRS)
    who = {
        "salarie_nom_usage": NAMES[0],
        "salarie_prenom": NAMES[1],
        "salarie_date_naissance": BORN,
        "salarie_adresse": LIVES,
    }
    feed = Feed(wider=WIDER)
    feed.structure(
        101,
        structure_denomination="STRUCTURE TROUVABLE",
        structure_adresse_nom_corresp_technique=NAMES[0],
        structure_adresse_prenom_corresp_technique=NAMES[1],
    )
    feed.annex(7, 101, 1)
    feed.person(1, next(nirs), **who)
    feed.person(2, " ".join(next(nirs)), **who)
    feed.person(2, next(nirs), **who)
    feed.person(NAMES[0], next(nirs), **who)
    feed.person(next(nirs), next(nirs), **who)
    feed.person(f"X{next(nirs)}", None, **who)
    feed.person(None, next(nirs), **who)
    feed.person(4, next(nirs), **{**who, "salarie_adresse": f"{LIVES}|{LIVES}"})
    feed.person(5, next(nirs), **{**who, "salarie_prenom": f"{NAMES[1]}\n{NAMES[0]}"})
    named = {"contrat_nom": NAMES[0], "contrat_nir": NIRS[0]}
    feed.contract(11, 1, 101, contrat_date_sortie_definitive="31/03/2026", **named)
    feed.contract(12, 2, 101, **named)
    feed.contract(13, NAMES[0], 101, **named)
    feed.contract(14, f"{NIRS[1]}X", 101, **named)
    feed.contract(15, 1, 101, contrat_date_embauche=NIRS[2], **named)
    feed.contract(16, 1, 101, contrat_motif_sortie_id=" ".join(NIRS[3]) + ".", **named)
    feed.contract(SHOWN, 1, 101, **named)
    feed.contract(17, 1, 101, **{**named, "contrat_nom": f"{NAMES[0]}|{NIRS[4]}"})
    feed.line(7, 2026, 1, 100, emi_ctr_id=11, emi_nom=NAMES[0], emi_nir=NIRS[0])
    feed.line(7, 2026, 1, 100, emi_ctr_id=None, emi_pph_id=NIRS[5])
    feed.line(7, 2026, 1, 100, emi_ctr_id=None, emi_pph_id=NAMES[1])
    feed.line(7, 2026, 1, 100, emi_ctr_id=12, emi_part_etp=f"-{NIRS[6]}")
    return feed


def keyed(number: str) -> str:
    """A NIR with its right key."""
    return f"{number}{97 - int(number) % 97:02d}"


def posts(home: TestHome) -> list[str]:
    """What the HTTP door answers to planted declarations, kept and refused."""
    door = door_of(home.address("web"), add_client(home, "editor", STRUCTURE))
    declared = [changed(EMPLOYMENT, contract_id=n, nir=keyed(POSTED[n])) for n in range(3)]
    declared[1]["data"]["nir"] = " ".join(declared[1]["data"]["nir"])
    refused = [
        changed(EMPLOYMENT, contract_id=3, nir=f"{POSTED[3]}00"),
        changed(EMPLOYMENT, contract_id=4, nir=POSTED[4][:12]),
        changed(EMPLOYMENT, contract_id=5, nom=NAMES[0], prenom=NAMES[1]),
        changed(EMPLOYMENT, contract_id=6, hired_on=keyed(POSTED[5])),
        changed(EMPLOYMENT, contract_id=keyed(POSTED[5]), measure=["X", NAMES[0]]),
        changed(EMPLOYMENT, contract_id=7, ends_on=BORN, person_id=NAMES[1]),
        {"type": NAMES[0], "data": {"nir": POSTED[6]}},
    ]
    broken = as_lines(declared[0]) + f'{{"nir": "{POSTED[7]}", "nom": "{NAMES[0]}'.encode()
    lines = {"Content-Type": "application/x-ndjson"}
    answers = [
        door.declare(*declared, *refused),
        door.post("/declarations", content=broken, headers=lines),
        door.post("/declarations", content=POSTED[7].encode(), headers=lines),
    ]
    assert [answer.status_code for answer in answers] == [207, 207, 400]
    assert statuses(answers[0]) == ["accepted"] * 3 + ["rejected"] * len(refused)
    return [answer.text for answer in answers]


@pytest.fixture(scope="module")
def loaded(home: TestHome, tmp_path_factory: pytest.TempPathFactory) -> TestHome:
    """The planted delivery, declarations over HTTP, the delivery again; what the commands and the
    door say of it is kept in the home."""
    home.start_workers()
    home.start("web", "web")
    said: list[str] = []
    for stamp in ("08112026_063004", "15112026_063004"):
        feed = planted()
        feed.stamp = stamp
        said += posts(home) if said else []
        receipt = home.cadran(
            "load", feed.write(tmp_path_factory.mktemp("feed")), "--wait", "--json"
        )
        rejects = home.home.path / f"rejects-{stamp}.csv"
        home.cadran("rejects", json.loads(receipt)["submission"], rejects)
        said += [receipt, home.cadran("accounts"), home.cadran("dead-letters", "list")]
    (home.home.path / "said.txt").write_text("\n".join(said), "utf-8")
    return home


def test_the_planted_rows_are_kept_and_rejected_as_meant(loaded: TestHome) -> None:
    receipt = json.loads((loaded.home.path / "said.txt").read_text("utf-8").splitlines()[0])
    counts = {view: (c["accepted"], c["rejected"]) for view, c in receipt["views"].items()}
    assert counts["Salarie"] == (4, 5)
    assert counts["ContratMission"] == (2, 6)
    assert counts["EtatMensuelIndiv"] == (2, 2)
    assert receipt["documents"]["employment"]["new"] == 2
    assert receipt["documents"]["exit"]["new"] == 1


def test_what_may_be_shown_is_found_in_each_kind_of_place(loaded: TestHome) -> None:
    found = places_of(loaded, ["STRUCTURE TROUVABLE", SHOWN, "cadran_records_total"])
    prefix = loaded.home.read()["topic_prefix"]
    assert {f"topic {prefix}structures-v1", "table etp_projection.structure"} <= found[
        "STRUCTURE TROUVABLE"
    ]
    assert {"table ingest.reject", "file rejects-08112026_063004.csv"} <= found[SHOWN]
    assert {"metrics etp-worker", "metrics ingest-worker"} <= found["cadran_records_total"]


def test_no_nir_and_no_name_is_found_beyond_the_door(loaded: TestHome) -> None:
    spaced = [" ".join(nir[:12]) for nir in (*NIRS, *POSTED)]
    numbers = [nir[:12] for nir in (*NIRS, *POSTED)]
    assert places_of(loaded, [*NAMES, BORN, "1963-11-17", LIVES, *numbers, *spaced]) == {}


def test_a_load_leaves_nothing_in_its_private_folder(loaded: TestHome) -> None:
    assert list((loaded.home.path / "ingest").iterdir()) == []
