"""What `cadran modulation` wrote, as values to compare with the oracle's."""

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

from tests.homes import TestHome, read_csv

COLUMNS = (
    *("exercise", "region", "type", "structure_id", "months_conventioned", "socle_eur_cents"),
    *("ind1_num", "ind1_den", "ind2_num", "ind2_den", "ind3_num", "ind3_den"),
)
EXITS = (
    *("structure_id", "kind", "regime", "contract_id", "hired_on", "left_on", "reason"),
    *("category", "presence", "counted", "why"),
)
_TEXTS = ("region", "type")


def indicators(home: TestHome, year: int, *options: object) -> list[dict[str, Any]]:
    """The rows of `cadran modulation indicators`, first columns alone, numbers exact."""
    out = home.home.path / f"indicators-{year}.csv"
    home.cadran("modulation", "indicators", year, out, *options)
    rows = read_csv(out)
    assert all(tuple(row)[: len(COLUMNS)] == COLUMNS for row in rows)
    return [{name: _value(name, row[name]) for name in COLUMNS} for row in rows]


def exits(home: TestHome, year: int) -> list[dict[str, str]]:
    """The rows of `cadran modulation exits`."""
    out = home.home.path / f"exits-{year}.csv"
    home.cadran("modulation", "exits", year, out)
    rows = read_csv(out)
    assert all(tuple(row) == EXITS for row in rows)
    return rows


def as_written(found: Sequence[dict[str, Any]]) -> list[dict[str, str]]:
    """The oracle's exits as `cadran modulation exits` writes them."""
    return [
        {
            **dict(zip(EXITS[:3], map(str, one["row"]), strict=True)),
            **{name: str(one[name]) for name in EXITS[3:8]},
            "presence": _presence(one),
            "counted": "true" if one["counted"] else "false",
            "why": one["why"],
        }
        for one in found
    ]


def allocated(home: TestHome, year: int) -> list[dict[str, str]]:
    """The rows of `cadran modulation allocate` on what `indicators` wrote, as it is."""
    out = Path(home.home.path / f"allocated-{year}.csv")
    home.cadran("modulation", "allocate", home.home.path / f"indicators-{year}.csv", out)
    return read_csv(out)


def _presence(one: dict[str, Any]) -> str:
    if one["row"][1] not in {"AI", "ETTI"}:
        return str(one["presence"])
    cents = (200 * one["presence"] + 1) // 2
    return f"{cents // 100}.{cents % 100:02d}"


def _value(name: str, text: str) -> Any:
    if name in _TEXTS:
        return text
    return Fraction(text) if text else None
