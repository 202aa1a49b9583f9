"""The read API as tests ask it, and what feed-mini's last delivery makes it answer."""

import csv
from typing import Any

from shared.auth.roles import Principal, Role
from tests.integration.etp.mini_feed import DELIVERIES

SCOPES = {
    "siae": (Principal(Role.SIAE, structures=frozenset({105, 110})), {2005, 2006, 2013, 2014}),
    "cd": (Principal(Role.CD, department="13"), {2005, 2006, 2014}),
    "ddets": (Principal(Role.DDETS, department="2A"), {2007, 2008, 2017}),
    "dreets": (Principal(Role.DREETS, region="Île-de-France"), {2002, 2011, 2012, 2018}),
}


def expected(table: str) -> list[dict[str, Any]]:
    """The rows of the last delivery's export, as texts, None for empty."""
    with (DELIVERIES[2] / "expected" / f"{table}.csv").open(encoding="utf-8") as file:
        return [{name: text or None for name, text in row.items()} for row in csv.DictReader(file)]


def as_texts(item: dict[str, Any]) -> dict[str, Any]:
    def text(value: Any) -> Any:
        if isinstance(value, bool):
            return str(value).lower()
        return str(value) if isinstance(value, int) else value

    return {name: text(value) for name, value in item.items()}


def exported(month: dict[str, Any]) -> dict[str, Any]:
    """The columns of the export; those that the API adds come after them."""
    names = list(expected("annex-months")[0])
    assert list(month)[: len(names)] == names
    return as_texts({name: month[name] for name in names})
