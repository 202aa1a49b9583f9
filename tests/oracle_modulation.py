"""The modulation's indicators and socle, read plainly from a delivery's files.

Written from the rules' text: slow, exact, nothing of `services`.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

from tests.oracle import NATURAL_KEYS, Event, current, declarations_of
from tests.oracle_contracts import Employment, Exit, employments, exits
from tests.oracle_feed import declarations
from tests.oracle_rules import (
    COUNTED_STATES,
    KINDS,
    REGIMES,
    Version,
    department_of,
    region_by_department,
)
from tests.oracle_stays import Results, Row, Work, row_of

TYPES = {
    ("ACI", "DC"): "ACI",
    ("AI", "DC"): "AI",
    ("EI", "DC"): "EI",
    ("ETTI", "DC"): "ETTI",
    ("ACI", "MP"): "ACI_MP",
    ("EI", "MP"): "EI_MP",
}
SUPPORT_BASES = {"ACI": 1820, "AI": 1607, "EI": 1607, "ETTI": 1607}

KEYS = {
    **NATURAL_KEYS,
    "employment": ("contract_id",),
    "exit": ("contract_id",),
    "support-hours": ("structure_id", "kind", "year"),
}
Support = Mapping[tuple[int, str], Fraction]
"""Hours entered for a year, both columns together, by structure and kind."""


class Year(Results):
    """The results of one year."""

    def __init__(self, *said: Any, support: Support | None = None) -> None:
        super().__init__(*said)
        self.support = support or {}

    @classmethod
    def of_feed(cls, feed: Path, year: int, support: Support | None = None) -> "Year":
        """The results of one delivery."""
        return cls(declarations(feed), employments(feed), exits(feed), year, support=support)

    @classmethod
    def of_events(cls, events: Iterable[Event], year: int) -> "Year":
        """The results of events, whatever their order and repetitions."""
        best = current(events, KEYS)
        data = {key: event[4] for key, event in best.items()}
        contracts = {
            natural[0]: _employment(one)
            for (document, natural), one in data.items()
            if document == "employment"
        }
        left = {
            natural[0]: _exit(one)
            for (document, natural), one in data.items()
            if document == "exit" and natural[0] in contracts
        }
        support = {
            (natural[0], natural[1]): Fraction(one["technical_hours"])
            + Fraction(one["support_hours"])
            for (document, natural), one in data.items()
            if document == "support-hours" and natural[2] == year
        }
        return cls(declarations_of(best), contracts, left, year, support=support)

    def indicators(self) -> list[dict[str, Any]]:
        """A dict a row: exercise to ind3_den, as columns; sorted."""
        socles: dict[Row, list[Version]] = defaultdict(list)
        for annex in self.annexes:
            version = self._of_socle(annex.version)
            if version is not None and self._months(version):
                socles[row_of(version)].append(version)
        rows = set(socles) | {found["row"] for found in self.exits}
        rows |= {row_of(annex.version) for annex in self.annexes if self._months(annex.version)}
        found = [self._indicators(row, socles[row]) for row in rows if row[1:] in TYPES]
        return sorted(found, key=lambda one: (one["region"], one["type"], one["structure_id"]))

    def _indicators(self, row: Row, versions: list[Version]) -> dict[str, Any]:
        structure, kind, regime = row
        employed, poor = self._employees(row)
        etp = sum((w.etp for w in self.of_year() if w.row[:2] == (structure, kind)), Fraction(0))
        counted = [found for found in self.exits if found["row"] == row and found["counted"]]
        entered = self.support.get((structure, kind))
        return {
            "exercise": self.year + 1,
            "region": self._region(row, versions),
            "type": TYPES[kind, regime],
            "structure_id": structure,
            "months_conventioned": len(set().union(*map(self._months, versions))),
            "socle_eur_cents": sum(self._parts(versions)),
            "ind1_num": poor,
            "ind1_den": employed,
            "ind2_num": None if entered is None else entered / SUPPORT_BASES[kind],
            "ind2_den": etp,
            "ind3_num": sum(found["success"] for found in counted),
            "ind3_den": len(counted),
        }

    def _parts(self, versions: Iterable[Version]) -> tuple[int, int]:
        """State's and département's, in cents, each rounded once."""
        state, department = Fraction(0), Fraction(0)
        for version in versions:
            share = Fraction(len(self._months(version)), len(version.period))
            total = version.total or Fraction(0)
            cofinanced = min(version.cofinanced or Fraction(0), total)
            state += (total - cofinanced) * share
            department += cofinanced * share
        return _cents(state), _cents(department)

    def _region(self, row: Row, versions: list[Version]) -> str:
        regions = region_by_department()
        insee = self.declared.insee.get(row[0], "")
        if not versions:
            return regions.get(department_of("", insee, regions), "")

        def socle(version: Version) -> Fraction:
            months = Fraction(len(self._months(version)), len(version.period))
            return (version.total or Fraction(0)) * months

        deciding = min(versions, key=lambda version: (-socle(version), version.annex_id))
        return regions.get(department_of(deciding.number, insee, regions), "")

    def _of_socle(self, winner: Version) -> Version | None:
        """The winner, or when it came after the year the highest one below it that came in time,
        superseded ones included."""

        def height(version: Version) -> tuple[int, int, int]:
            return version.renewal, version.amendment, version.amendment_id

        in_time = [
            version
            for version in self.declared.versions
            if version.annex_id == winner.annex_id
            and version.kind in KINDS
            and version.regime in REGIMES
            and (
                version == winner
                or (
                    version.state in (*COUNTED_STATES, "HISTORISE")
                    and height(version) < height(winner)
                )
            )
            and (not version.received_on or version.received_on <= f"{self.year}-12-31")
        ]
        return max(in_time, key=height, default=None)

    def _months(self, version: Version) -> set[int]:
        return set(version.period) & set(range(12 * self.year, 12 * self.year + 12))

    def _employees(self, row: Row) -> tuple[int, int]:
        """Employees, and those with a minimum income."""
        persons: dict[Any, list[Work]] = defaultdict(list)
        for work in self.of_year():
            if work.row == row:
                held = self.contracts.get(work.owner[1]) if work.owner[0] == "contract" else None
                persons[held.person if held else work.owner].append(work)
        employed = [works for works in persons.values() if sum(w.hours for w in works) >= 1]
        return len(employed), sum(map(self._poor, employed))

    def _poor(self, works: list[Work]) -> bool:
        held = [
            self.contracts[work.owner[1]]
            for work in works
            if work.owner[0] == "contract" and work.owner[1] in self.contracts and work.hours
        ]
        if not held:
            return False
        earliest = min(held, key=lambda one: (one.hired_on, one.renewal or 0, one.contract_id))
        first = self.stay_of[earliest.contract_id].contracts[0]
        return bool(first.rsa.startswith("OUI") or first.ass or first.aah)


def _cents(euros: Fraction) -> int:
    return (200 * euros + 1) // 2


def _employment(data: Mapping[str, Any]) -> Employment:
    return Employment(
        data["contract_id"],
        data["structure_id"],
        ("person-id", data["structure_id"], data["person"]),
        data.get("measure") or "",
        data.get("renewal"),
        "",
        data["hired_on"],
        data.get("ends_on") or "",
        data.get("rsa") or "",
        data.get("ass"),
        data.get("aah"),
        "",
    )


def _exit(data: Mapping[str, Any]) -> Exit:
    return Exit(
        data["contract_id"],
        data["structure_id"],
        data["left_on"],
        data.get("reason") or "",
        data.get("category") or "",
        "contract",
    )
