"""Hours of one yearly ETP by kind of SIAE, from `hour_bases.csv`, dated and sourced.

They serve an annex that carries no hours of its own (etp.md, "hours base H").
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class HourBase:
    """`hours` a year, `paid_or_worked`, from `applicable_from` on; `source` says who decided."""

    applicable_from: date
    hours: int
    paid_or_worked: str
    source: str


@cache
def hour_bases() -> Mapping[str, tuple[HourBase, ...]]:
    """The bases of each kind, the earliest first."""
    text = files("shared.reference").joinpath("hour_bases.csv").read_text("utf-8")
    bases: dict[str, list[HourBase]] = {}
    for row in csv.DictReader(text.splitlines()):
        bases.setdefault(row["kind"], []).append(
            HourBase(
                date.fromisoformat(row["applicable_from"]),
                int(row["hours"]),
                row["hours_paid_or_worked"],
                row["source"],
            )
        )
    return MappingProxyType(
        {
            kind: tuple(sorted(of_kind, key=lambda base: base.applicable_from))
            for kind, of_kind in bases.items()
        }
    )


def hour_base(kind: str, on: date) -> HourBase | None:
    """The base of `kind` in force on a day; the earliest one before it; None for another kind."""
    of_kind = hour_bases().get(kind)
    if not of_kind:
        return None
    return next((base for base in reversed(of_kind) if base.applicable_from <= on), of_kind[0])
