"""Departments and regions of France, from `departments.csv` (INSEE's official geographic code)."""

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType

_INSEE = re.compile(r"(9[78]\d)(?:\d\d)?|(2[AB]|\d\d)(?:\d{3})?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Department:
    """A department: `code` as INSEE writes it (`01`, `2A`, `972`), its name, its region's name."""

    code: str
    name: str
    region: str


@cache
def departments() -> Mapping[str, Department]:
    """Every department by code; collectivities overseas included."""
    source = files("shared.reference").joinpath("departments.csv").read_text("utf-8")
    return MappingProxyType(
        {
            row["department_code"]: Department(
                row["department_code"], row["department_name"], row["region_name"]
            )
            for row in csv.DictReader(source.splitlines())
        }
    )


@cache
def regions() -> Mapping[str, frozenset[str]]:
    """The department codes of every region, by the region's name (some have no code)."""
    codes: dict[str, set[str]] = {}
    for department in departments().values():
        codes.setdefault(department.region, set()).add(department.code)
    return MappingProxyType({region: frozenset(members) for region, members in codes.items()})


def region_of(code: str) -> str | None:
    """The region's name of department `code`; None when there is no such department."""
    department = departments().get(code)
    return department.region if department else None


def department_of_insee(insee: str) -> str | None:
    """The department of a commune's INSEE code (`54395`, `2A004`, `97209`) or of a bare
    department code (`54`, `976`); None when it names no department.

    Overseas the department is the first three characters, elsewhere the first two.
    """
    found = _INSEE.fullmatch(insee.strip().upper())
    code = found and (found[1] or found[2])
    return code if code in departments() else None
