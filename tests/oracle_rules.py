"""The ETP rules 1–10 and 12, read plainly and in exact fractions; nothing of the services.

Posts are in monthly ETP unless named annual, hours are those of the annex's base, amounts euros.
A month is an index: 12·year + month − 1.
"""

import csv
import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

REFERENCE = Path(__file__).parents[1] / "shared" / "reference"
COUNTED_STATES = ("VALIDE", "PROVISOIRE", "CLOTURE")
KINDS = ("ACI", "AI", "EI", "ETTI", "EITI", "ACIPA", "EIPA")
REGIMES = ("DC", "MP")
LEAST_ADVANCED_FIRST = ("BROUILLON", "SAISI", "DEBLOQUE", "VALIDE")
TOLERANCE = Fraction(1, 100)
"""Of E: the bound of *conforme*, included (rule 8)."""


@dataclass(frozen=True)
class Version:
    """One version of an annex, as declared; dates in ISO, an amount or a base unknown is None."""

    annex_id: int
    amendment_id: int
    structure_id: int
    number: str
    measure: str
    renewal: int
    amendment: int
    state: str
    starts_on: str
    ends_on: str
    contracted: Fraction
    base: Fraction | None
    unit_amount: Fraction | None
    total: Fraction | None
    cofinanced: Fraction | None
    received_on: str = ""
    """When it reached the ASP."""

    @property
    def kind(self) -> str:
        return self.measure.partition("_")[0]

    @property
    def regime(self) -> str:
        return self.measure.partition("_")[2]

    @property
    def counts(self) -> bool:
        """Rule 1; FDI and unknown measures are no kind."""
        return self.state in COUNTED_STATES and self.kind in KINDS and self.regime in REGIMES

    @property
    def hours_base(self) -> Fraction:
        """H: the annex's own, else its kind's."""
        return self.base or default_base(self.kind, self.starts_on)

    @property
    def period(self) -> range:
        """The months touched by the annex, whatever the days (rule 2)."""
        return range(month_of(self.starts_on), month_of(self.ends_on) + 1)


@dataclass(frozen=True)
class Line:
    """One line of a month; `owner` is its contract, or its person apart from any contract."""

    line_id: int
    version: int
    state: str
    hours: Fraction
    owner: tuple[str, int | str]


@dataclass(frozen=True)
class Declarations:
    """What is declared and current: INSEE codes by structure, versions, lines by annex-month, and
    the annex-months whose source may not validate."""

    insee: dict[int, str]
    versions: list[Version]
    months: dict[tuple[int, int], list[Line]]
    provisional: frozenset[tuple[int, int]] = frozenset()


@dataclass(frozen=True)
class AnnexMonth:
    """A month of a counted annex, or one declared outside its period (`in_period` false)."""

    version: Version
    month: int
    in_period: bool
    state: str
    lines: int
    hours: Fraction
    validated: bool
    late: bool

    @property
    def realised(self) -> Fraction | None:
        """Monthly ETP of the declared hours, whatever the state (rule 4)."""
        if not self.in_period or not self.state:
            return None
        return 12 * self.hours / self.version.hours_base


@dataclass(frozen=True)
class Annex:
    """A counted annex with its months in order and its place (empty when unknown)."""

    version: Version
    department: str
    region: str
    months: list[AnnexMonth]


def counted_annexes(declared: Declarations, today: str) -> list[Annex]:
    """Every annex that counts, by id."""
    winners: dict[int, Version] = {}
    for version in declared.versions:
        best = winners.get(version.annex_id)
        if version.counts and (best is None or _order(version) > _order(best)):
            winners[version.annex_id] = version
    declared_months: defaultdict[int, set[int]] = defaultdict(set)
    for annex_id, month in declared.months:
        declared_months[annex_id].add(month)
    regions = region_by_department()
    annexes = []
    for annex_id, version in sorted(winners.items()):
        months = [
            annex_month(
                version,
                month,
                declared.months.get((annex_id, month), []),
                today,
                may_validate=(annex_id, month) not in declared.provisional,
            )
            for month in sorted(declared_months[annex_id] | set(version.period))
        ]
        insee = declared.insee.get(version.structure_id, "")
        department = department_of(version.number, insee, regions)
        annexes.append(Annex(version, department, regions.get(department, ""), months))
    return annexes


def annex_month(
    version: Version, month: int, lines: list[Line], today: str, *, may_validate: bool = True
) -> AnnexMonth:
    """Rules 4, 5 and 12 for one month."""
    counting = lines_that_count(lines)
    states = [line.state for line in counting]
    state = min(states, key=LEAST_ADVANCED_FIRST.index) if states else ""
    in_period = month in version.period
    validated = in_period and state == "VALIDE" and may_validate
    return AnnexMonth(
        version,
        month,
        in_period,
        state,
        len(counting),
        sum((line.hours for line in counting), Fraction(0)),
        validated,
        late=in_period and not validated and month_of(today) >= month + 3,
    )


def lines_that_count(lines: Iterable[Line]) -> list[Line]:
    """Rule 4: the same (line, version) once; of each contract its highest version only."""
    once: dict[tuple[int, int], Line] = {}
    for line in lines:
        once.setdefault((line.line_id, line.version), line)
    highest: dict[tuple[str, int | str], int] = {}
    for line in once.values():
        highest[line.owner] = max(line.version, highest.get(line.owner, 0))
    return [line for line in once.values() if line.version == highest[line.owner]]


def classify(contracted: Fraction, mean: Fraction | None) -> str:
    """Rule 8."""
    if contracted == 0:
        return "hors convention"
    if mean is None:
        return "non déclaré"
    if abs(mean - contracted) <= TOLERANCE * contracted:
        return "conforme"
    return "sous-consommation" if mean < contracted else "sur-consommation"


def department_share(version: Version) -> Fraction:
    """C/T, at most 1; 0 without cofinancing or total (rule 3)."""
    if not version.cofinanced or not version.total:
        return Fraction(0)
    return min(version.cofinanced / version.total, Fraction(1))


def department_of(number: str, insee: str, known: Iterable[str]) -> str:
    """Rule 10: from the annex's number, else from the structure's INSEE code, else empty."""
    found = re.match(rf"(?:{'|'.join(KINDS)})([0-9]{{2}})([0-9A-Z])", number)
    candidates = []
    if found:
        two, third = found[1], found[2]
        if two + third in ("02A", "02B"):
            candidates.append("2" + third)
        elif not third.isdigit():
            candidates.append(two)
        elif two.startswith("0"):
            candidates.append(two[1] + third)
        else:
            candidates.append(two + third)
    candidates.append(insee[:3] if insee.startswith(("97", "98")) else insee[:2])
    return next((code for code in candidates if code in known), "")


def region_by_department() -> dict[str, str]:
    """Region's name by department code."""
    with (REFERENCE / "departments.csv").open(encoding="utf-8", newline="") as file:
        return {row["department_code"]: row["region_name"] for row in csv.DictReader(file)}


def _bases() -> list[tuple[str, str, Fraction]]:
    with (REFERENCE / "hour_bases.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return [(row["kind"], row["applicable_from"], Fraction(row["hours"])) for row in rows]


BASES = _bases()


def default_base(kind: str, day: str) -> Fraction:
    """The kind's base in force on that day; its first one before that."""
    dated = sorted((since, hours) for of, since, hours in BASES if of == kind)
    return next((hours for since, hours in reversed(dated) if since <= day), dated[0][1])


def month_of(day: str) -> int:
    """The month of an ISO date."""
    year, month, _ = day.split("-")
    return 12 * int(year) + int(month) - 1


def _order(version: Version) -> tuple[int, int, int]:
    return version.renewal, version.amendment, version.amendment_id
