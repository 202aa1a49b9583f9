"""Unit amounts of the aide au poste, from the arrêtés that aide_au_poste_socle.csv lists."""

import csv
from datetime import date
from functools import cache
from pathlib import Path

from shared import reference

TARIFFS_FILE = Path(reference.__file__).with_name("aide_au_poste_socle.csv")
MAINLAND = "hexagone_drom"


@cache
def _tariffs() -> dict[tuple[str, str], list[tuple[date, int]]]:
    """(territory, type) to its (first day, euros per yearly ETP), oldest first."""
    found: dict[tuple[str, str], list[tuple[date, int]]] = {}
    with TARIFFS_FILE.open(encoding="utf-8", newline="") as file:
        for line in csv.DictReader(file):
            amount = (
                date.fromisoformat(line["applicable_from"]),
                int(line["socle_eur_per_etp"]),
            )
            found.setdefault((line["territory"], line["type"]), []).append(amount)
    for amounts in found.values():
        amounts.sort()
    return found


def unit_amount(tariff: str, prison: bool, department: str, on: date) -> int:
    """Euros per yearly ETP of a tariff (`ACI`, `AI`, `EI`, `ETTI`, `EITI`) on a day.

    A territory or regime without a tariff of its own takes the mainland's of the kind; a day before
    the first tariff takes the first.
    """
    territory = "mayotte" if department == "976" else MAINLAND
    names = ((territory, f"{tariff}_MP"), (MAINLAND, f"{tariff}_MP")) if prison else ()
    for name in (*names, (territory, tariff), (MAINLAND, tariff)):
        amounts = _tariffs().get(name)
        if amounts:
            return max((one for one in amounts if one[0] <= on), default=amounts[0])[1]
    raise KeyError(tariff)
