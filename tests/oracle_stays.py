"""Stays and exits of a year, read plainly from a delivery's files.

Written from the rules' text: slow, exact, nothing of `services`. A row is (structure, kind,
regime); dates are ISO texts, `OPEN` without an end.
"""

import csv
import unicodedata
from calendar import monthrange
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from tests.oracle_contracts import Employment, Exit
from tests.oracle_rules import (
    KINDS,
    REFERENCE,
    REGIMES,
    Annex,
    Declarations,
    Version,
    counted_annexes,
    lines_that_count,
)

Row = tuple[int, str, str]
OPEN = "9999-12-31"


@dataclass(frozen=True)
class Work:
    """Validated hours of one contract or person in one month of a counted annex."""

    row: Row
    year: int
    owner: tuple[str, Any]
    hours: Fraction
    etp: Fraction


@dataclass
class Stay:
    """Contracts of one person in one row that go on with one another."""

    contracts: list[Employment]

    def end(self, ends: Mapping[int, str]) -> str:
        return max(ends[one.contract_id] for one in self.contracts)


class Results:
    """What a delivery says of one year's contracts, hours and exits."""

    def __init__(
        self,
        declared: Declarations,
        contracts: Mapping[int, Employment],
        left: Mapping[int, Exit],
        year: int,
    ) -> None:
        self.year, self.declared, self.contracts, self.left = year, declared, contracts, left
        self.annexes = counted_annexes(declared, f"{year}-12-31")
        self.work = list(self._work())
        self.rows = self._contract_rows()
        self.ends = {
            number: self.left[number].left_on if number in self.left else held.ends_on or OPEN
            for number, held in self.contracts.items()
        }
        self.stays = self._stays()
        self.of_person: dict[Any, list[Stay]] = defaultdict(list)
        for stay in self.stays:
            one = stay.contracts[0]
            self.of_person[one.person, self.rows[one.contract_id]].append(stay)
        self.stay_of = {one.contract_id: stay for stay in self.stays for one in stay.contracts}
        self.exits = sorted(self._exits(), key=lambda row: (*row["row"], row["contract_id"]))

    def of_year(self) -> list[Work]:
        return [work for work in self.work if work.year == self.year]

    def _work(self) -> Iterable[Work]:
        for annex in self.annexes:
            for month in annex.months:
                if month.validated:
                    yield from self._month_work(annex, month.month)

    def _month_work(self, annex: Annex, month: int) -> Iterable[Work]:
        version = annex.version
        for line in lines_that_count(self.declared.months[version.annex_id, month]):
            kind, owner = line.owner
            yield Work(
                row_of(version),
                month // 12,
                (kind, owner) if kind == "contract" else (kind, (version.annex_id, owner)),
                line.hours,
                line.hours / version.hours_base,
            )

    def _contract_rows(self) -> dict[int, Row | None]:
        by_hours = {w.owner[1]: w.row for w in self.of_year() if w.owner[0] == "contract"}
        rows: dict[int, Row | None] = {}
        for number, held in self.contracts.items():
            kind, _, regime = held.measure.partition("_")
            known = kind in KINDS and regime in REGIMES
            rows[number] = (held.structure_id, kind, regime) if known else by_hours.get(number)
        return rows

    def _stays(self) -> list[Stay]:
        groups: dict[Any, list[Employment]] = defaultdict(list)
        for number, held in self.contracts.items():
            groups[held.person, self.rows[number]].append(held)
        stays = []
        for group in groups.values():
            group.sort(key=lambda one: (one.hired_on, one.renewal or 0, one.contract_id))
            current: Stay | None = None
            for held in group:
                if current is not None and (
                    held.renewal or held.hired_on <= _next_day(current.end(self.ends))
                ):
                    current.contracts.append(held)
                else:
                    current = Stay([held])
                    stays.append(current)
        return stays

    def _exits(self) -> Iterable[dict[str, Any]]:
        reasons = _reasons()
        hours: dict[int, Fraction] = defaultdict(Fraction)
        for work in self.work:
            if work.owner[0] == "contract":
                hours[work.owner[1]] += work.hours
        for number, left in self.left.items():
            row = self.rows[number]
            if row is None or row[1] in ("ACIPA", "EIPA") or left.left_on[:4] != str(self.year):
                continue
            stay = self.stay_of[number]
            worked = sum((hours[one.contract_id] for one in stay.contracts), Fraction(0))
            reason = _class_of(left, reasons)
            why = self._why(number, row, stay, worked, reason)
            hired = stay.contracts[0].hired_on
            days = (date.fromisoformat(left.left_on) - date.fromisoformat(hired)).days + 1
            yield {
                "row": row,
                "contract_id": number,
                "hired_on": hired,
                "left_on": left.left_on,
                "reason": left.reason,
                "category": reason["categorie"],
                "presence": worked if row[1] in ("AI", "ETTI") else Fraction(days),
                "counted": why == "counted",
                "success": reason["numerateur"] == "1",
                "why": why,
            }

    def _why(
        self, number: int, row: Row, stay: Stay, worked: Fraction, reason: Mapping[str, str]
    ) -> str:
        left_on, hired = self.left[number].left_on, stay.contracts[0].hired_on
        last = max(
            enumerate(stay.contracts),
            key=lambda one: (
                self.ends[one[1].contract_id],
                one[1].contract_id in self.left,
                one[0],
            ),
        )[1]
        if last.contract_id != number:
            return "chained"
        eve = f"{self.year}-12-31"
        person = self.contracts[number].person
        for other in self.of_person[person, row]:
            if other is stay:
                continue
            if any(c.hired_on <= eve <= self.ends[c.contract_id] for c in other.contracts):
                return "under_contract"
        if row[1] in ("ACI", "EI") and left_on < _three_months_after(hired):
            return "under_3_months"
        if row[1] in ("AI", "ETTI") and worked < 150:
            return "under_150_hours"
        return "counted" if reason["denominateur"] == "1" else "retrait"


def row_of(version: Version) -> Row:
    return version.structure_id, version.kind, version.regime


def _next_day(day: str) -> str:
    return day if day == OPEN else (date.fromisoformat(day) + timedelta(days=1)).isoformat()


def _three_months_after(day: str) -> str:
    year, month, number = map(int, day.split("-"))
    year, month = (year, month + 3) if month < 10 else (year + 1, month - 9)
    return f"{year:04d}-{month:02d}-{min(number, monthrange(year, month)[1]):02d}"


def _letters(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text.upper())
    return "".join(c for c in plain if not unicodedata.combining(c) and not c.isspace())


def _reasons() -> list[dict[str, str]]:
    with (REFERENCE / "exit_reasons.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _class_of(left: Exit, reasons: list[dict[str, str]]) -> dict[str, str]:
    """By its label, else by its category for the ASP, else without reason."""
    for column, text in (("motif", left.reason), ("categorie_asp", left.category)):
        for row in reasons:
            if text and _letters(row[column]) == _letters(text):
                return row
    return next(row for row in reasons if row["motif"] == "SANS MOTIF")
