"""Unit amounts of the aide au poste, in euros per annual ETP, from `aide_au_poste_socle.csv`:
dated, each with its text. A control only: what an annex carries is what counts."""

import csv
from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Final, NamedTuple

MAINLAND: Final = "hexagone_drom"
MAYOTTE: Final = "mayotte"


class Tariff(NamedTuple):
    """An amount, from a day on."""

    applicable_from: date
    euros: int


@cache
def tariffs() -> Mapping[tuple[str, str], Sequence[Tariff]]:
    """The tariffs of a territory (`hexagone_drom`, `mayotte`) and type (`ACI`, `EI_MP`), the
    earliest first."""
    text = files("shared.reference").joinpath("aide_au_poste_socle.csv").read_text("utf-8")
    found: dict[tuple[str, str], list[Tariff]] = {}
    for row in csv.DictReader(text.splitlines()):
        tariff = Tariff(date.fromisoformat(row["applicable_from"]), int(row["socle_eur_per_etp"]))
        found.setdefault((row["territory"], row["type"]), []).append(tariff)
    return MappingProxyType({key: tuple(sorted(listed)) for key, listed in found.items()})


def territory(department: str | None) -> str:
    """The territory whose tariffs a department has."""
    return MAYOTTE if department == "976" else MAINLAND


def in_force(of: str, department: str | None, first_day: date, last_day: date) -> frozenset[int]:
    """Every amount in force on some day of a period; none when no text is known for it."""
    listed = tariffs().get((territory(department), of), ())
    before = [tariff.euros for tariff in listed if tariff.applicable_from <= first_day][-1:]
    during = [tariff.euros for tariff in listed if first_day < tariff.applicable_from <= last_day]
    return frozenset(before + during)
