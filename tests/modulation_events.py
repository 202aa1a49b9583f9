"""Events of all that the modulation reads, made at random, changed and withdrawn by two sources."""

import random
from typing import Any

from tests.events import declare
from tests.events import month as random_month
from tests.oracle import Event

MEASURES = ("ACI_DC", "AI_DC", "ETTI_DC", "EI_DC", "ACI_MP", "EITI_DC", "CUI_DC")
REASONS = ("EMBAUCHE EN CDI NON AIDE PAR UN AUTRE EMPLOYEUR", "INACTIF", "DECES", "Autre", None)
KEYS = {
    "financial-annex": ("amendment_id", "annex_id"),
    "monthly-state": ("annex_id", "year", "month"),
    "employment": ("contract_id",),
    "exit": ("contract_id",),
    "support-hours": ("structure_id", "kind", "year"),
}
KINDS = (*KEYS, *["monthly-state"] * 3, *["employment", "exit"] * 2, "structure")


def modulation_events(seed: int, count: int = 700, first: int = 0) -> list[Event]:
    """Event `n` of `first … first + count` has the `n`-th second as its revision.

    A contract's structure is one that its annex may have had, as an annex that changes owner
    takes its months along.
    """
    rng = random.Random(seed)
    events: list[Event] = []
    for number in range(first, first + count):
        source = rng.choice(["asp", "asp", "asp", "editor"])
        kind = rng.choice(KINDS)
        data = _MAKERS[kind](rng)
        withdrawn = kind != "structure" and rng.random() < 0.12
        if withdrawn:
            data = {name: data[name] for name in KEYS[kind]}
        action = "withdrawn" if withdrawn else "declared"
        events.append(declare(kind, action, number, source, data))
    return events


def _owner(rng: random.Random, annex_id: int) -> int:
    return 1 + (annex_id + rng.randrange(2)) % 4


def _structure(rng: random.Random) -> dict[str, Any]:
    insee = rng.choice(["75056", "2A004", "97209", None])
    return {"structure_id": rng.randrange(1, 5), "insee_code": insee}


def _annex(rng: random.Random) -> dict[str, Any]:
    annex_id, amendment = rng.randrange(1, 12), rng.randrange(3)
    starts_on, ends_on = rng.choice(
        [("2026-01-01", "2026-12-31"), ("2025-07-01", "2026-06-30"), ("2026-03-15", "2026-09-15")]
    )
    return {
        "amendment_id": annex_id * 10 + amendment,
        "annex_id": annex_id,
        "structure_id": _owner(rng, annex_id),
        "annex_number": rng.choice(["ACI093260001", "ACI02A260001", "AI5401", "X"]),
        "measure": MEASURES[annex_id % 7],
        "renewal": 0,
        "amendment": amendment,
        "state": rng.choice(["VALIDE", "VALIDE", "PROVISOIRE", "HISTORISE", "SAISI"]),
        "starts_on": starts_on,
        "ends_on": ends_on,
        "contracted_etp": "2",
        "hours_base": rng.choice(["1820", "1505"]),
        "total_amount": rng.choice(["47842.37", None]),
        "cofinanced_amount": rng.choice(["10000.5", None]),
        "received_on": rng.choice(["2025-12-01", "2026-12-31", "2027-01-01", None]),
    }


def _month(rng: random.Random) -> dict[str, Any]:
    annex_id = rng.randrange(1, 12)
    data = random_month(rng, annex_id)
    for line in data["lines"]:
        line["contract_id"] += 10 * annex_id
        if rng.random() < 0.1:
            line.update(contract_id=None, person=f"{1000 * annex_id + rng.randrange(2):032x}")
    return data


def _employment(rng: random.Random) -> dict[str, Any]:
    annex_id = rng.randrange(1, 12)
    structure_id = _owner(rng, annex_id)
    year, month = rng.choice([(2025, 3), (2025, 11), (2026, 1), (2026, 4)])
    return {
        "contract_id": 10 * annex_id + rng.randrange(1, 4),
        "structure_id": structure_id,
        "person": f"{100 * structure_id + rng.randrange(5):032x}",
        "measure": rng.choice([MEASURES[annex_id % 7], None]),
        "renewal": rng.choice([0, 0, 0, 1, None]),
        "hired_on": f"{year}-{month:02d}-{rng.randrange(1, 29):02d}",
        "ends_on": rng.choice(["2026-05-31", "2026-12-31", None]),
        "rsa": rng.choice(["OUI-M", "OUI-NM", "NON", None]),
        "ass": rng.choice([True, False, None]),
        "aah": rng.choice([False, None]),
    }


def _exit(rng: random.Random) -> dict[str, Any]:
    annex_id = rng.randrange(1, 12)
    return {
        "contract_id": 10 * annex_id + rng.randrange(1, 4),
        "structure_id": _owner(rng, annex_id),
        "left_on": f"2026-{rng.randrange(1, 13):02d}-{rng.randrange(1, 29):02d}",
        "reason": rng.choice(REASONS),
        "category": rng.choice(["Emploi durable", "Autres sorties", None]),
    }


def _support(rng: random.Random) -> dict[str, Any]:
    return {
        "structure_id": rng.randrange(1, 5),
        "kind": rng.choice(["ACI", "AI", "EI", "ETTI"]),
        "year": rng.choice([2025, 2026]),
        "technical_hours": rng.choice(["0", "120.5", "1820"]),
        "support_hours": rng.choice(["10", "0.25"]),
    }


_MAKERS = {
    "structure": _structure,
    "financial-annex": _annex,
    "monthly-state": _month,
    "employment": _employment,
    "exit": _exit,
    "support-hours": _support,
}
