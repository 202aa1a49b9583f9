"""The financial annexes of a site: their periods, their versions, their amounts."""

from dataclasses import dataclass
from datetime import date
from functools import partial
from random import Random

from shared.testing.sample.identity import department_code
from shared.testing.sample.months import day_of, month_of
from shared.testing.sample.periods import Period, site_periods
from shared.testing.sample.request import SampleRequest
from shared.testing.sample.seeding import chance, stream
from shared.testing.sample.structures import Site, Structure
from shared.testing.sample.tariffs import unit_amount

ANNEX_IDS = 1_000
"""Annex ids of a structure: 300 a site, the last ones for planted difficulties."""
SITE_ANNEXES = 300
LEAST_POSTS, MOST_POSTS = 100, 6_000
"""Contracted ETP are drawn in hundredths of a monthly ETP: from 1 to 60."""


@dataclass(frozen=True, slots=True)
class Version:
    """An amendment: monthly ETP in hundredths, euros per yearly ETP, amounts in cents."""

    amendment: int
    state: str
    starts_on: date
    ends_on: date
    posts: int
    unit: int
    total: int
    cofinanced: int


@dataclass(frozen=True, slots=True)
class HoursBase:
    """How an annex says its hours base: `value` what holds (hours of one yearly ETP), `written`
    what its row bears, `reference` the row of RefMontantIae that it names."""

    value: int
    written: str
    reference: str


@dataclass(frozen=True, slots=True)
class Annex:
    """An annex with all its amendments, oldest first, and the one against which months go."""

    id: int
    number: str
    renewal: int
    site: Site
    base: HoursBase
    versions: tuple[Version, ...]
    current: Version

    @property
    def first_month(self) -> int:
        """Its first month, as an index."""
        return month_of(self.current.starts_on)

    @property
    def last_month(self) -> int:
        """Its last month, as an index."""
        return month_of(self.current.ends_on)


def total_amount(posts: int, unit: int, months: int) -> int:
    """Cents granted for hundredths of posts at `unit` euros (etp.md, rule 9): half up, once, and
    before multiplying when the annex has not 12 months."""
    if months == 12:
        return posts * unit
    return (2 * posts * unit + 12) // 24 * months


def site_annexes(
    structure: Structure, site: Site, request: SampleRequest
) -> tuple[list[Annex], list[Annex]]:
    """The annexes of a site in the order of their periods; apart, those that nobody declares on."""
    rng = stream(request.seed, "annexes", structure.number, site.rank)
    drawn = site.kind.posts * rng.lognormvariate(0, site.kind.spread) / (2 if site.prison else 1)
    posts = _posts(round(100 * drawn))
    annexes: list[Annex] = []
    refused: list[Annex] = []
    renewal, root = 0, 0
    for rank, period in enumerate(site_periods(rng, request)):
        same_year = annexes and annexes[-1].versions[0].starts_on.year == period[0].year
        renewed = bool(annexes) and (same_year or chance(rng, 10))
        renewal = renewal + 1 if renewed else 0
        root = root if renewed else period[0].year
        posts = _posts(round(posts * rng.uniform(0.9, 1.12)))
        number = _number(structure, site, root)
        base = _hours_base(structure, site)
        versions, current = _versions(
            rng, structure, site, period=period, posts=posts, request=request
        )
        annex_id = structure.identifier(site.rank * SITE_ANNEXES + rank + 1, ANNEX_IDS)
        annexes.append(Annex(annex_id, number, renewal, site, base, versions, current))
        if chance(rng, 50):
            state = ("REJETE", "ANNULE", "BROUILLON", "SAISI")[int(4 * rng.random())]
            alone = _version(structure, site, 0, state, period=period, posts=posts // 2)
            other = structure.identifier(site.rank * SITE_ANNEXES + 200 + rank, ANNEX_IDS)
            refused.append(Annex(other, number, renewal, site, base, (alone,), alone))
    return annexes, refused


def _posts(hundredths: int) -> int:
    """Mostly whole posts, at least a half post apart otherwise."""
    step = 100 if hundredths >= 500 else 50
    return min(max(hundredths // step * step, LEAST_POSTS), MOST_POSTS)


def _number(structure: Structure, site: Site, year: int) -> str:
    department = structure.department
    if structure.number % 150 == 11:
        return f"{site.kind.code}{department[:2]}VXX{year}"
    if structure.number % 300 == 73:
        return f"{site.kind.code}{structure.number}"
    code = department_code(department)
    return f"{site.kind.code}{code}{year % 100:02d}{structure.number:04d}"


def _hours_base(structure: Structure, site: Site) -> HoursBase:
    """Usually the kind's; some structures name another, or nothing (planted by their number)."""
    default = site.kind.hours_base
    reference = str(site.kind.hours_base_id)
    match structure.number % 40:
        case 13:
            return HoursBase(1700, "", "77")
        case 27:
            return HoursBase(default, "", "")
        case 33:
            return HoursBase(default, "0", "")
        case 21:
            return HoursBase(1650, "1650", reference)
        case _:
            return HoursBase(default, str(default), reference)


def _version(
    structure: Structure,
    site: Site,
    amendment: int,
    state: str,
    *,
    period: Period,
    posts: int,
    cofinanced_percent: int = 0,
) -> Version:
    starts_on, ends_on = period
    unit = unit_amount(site.kind.tariff, site.prison, structure.department, starts_on)
    months = month_of(ends_on) - month_of(starts_on) + 1
    total = total_amount(posts, unit, months)
    cofinanced = total * cofinanced_percent // 100
    return Version(amendment, state, starts_on, ends_on, posts, unit, total, cofinanced)


def _versions(
    rng: Random,
    structure: Structure,
    site: Site,
    *,
    period: Period,
    posts: int,
    request: SampleRequest,
) -> tuple[tuple[Version, ...], Version]:
    """All amendments of one annex and the one that counts: about 1.7, the earlier superseded."""
    cofinanced = 100 * rng.random() < site.kind.cofinanced_percent
    share = 8 + int(18 * rng.random()) if cofinanced else 0
    grant = partial(_version, structure, site, cofinanced_percent=share)
    usual = int(rng.random() < 0.46) + int(rng.random() < 0.17) + int(rng.random() < 0.07)
    found = []
    for amendment in range(usual):
        other = _posts(round(posts * rng.uniform(0.8, 1.2)))
        dates, state = period, "HISTORISE"
        if chance(rng, 40) and request.last_month - month_of(period[0]) > 4:
            dates, state = (period[0], day_of(month_of(period[1]) - 1, 31)), "VALIDE"
        found.append(grant(amendment, state, period=dates, posts=other))
    state = _winning_state(rng, request.last_month - month_of(period[1]))
    current = grant(usual, state, period=period, posts=posts)
    found.append(current)
    if chance(rng, 25):
        state = ("SAISI", "BROUILLON", "REJETE")[int(3 * rng.random())]
        asked = _posts(posts + 200)
        found.append(grant(usual + 1, state, period=period, posts=asked))
    return tuple(found), current


def _winning_state(rng: Random, months_since: int) -> str:
    if chance(rng, 250):
        return "ANNULE"
    if chance(rng, 25):
        return "PROVISOIRE"
    return "CLOTURE" if months_since > 2 and not chance(rng, 8) else "VALIDE"
