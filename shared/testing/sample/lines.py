"""The monthly lines of a site (EtatMensuelIndiv): one a month and contract, hours around E."""

from functools import cache
from random import Random

from shared.testing.sample.annexes import Annex
from shared.testing.sample.layouts import Layout
from shared.testing.sample.months import feed_day, year_and_month
from shared.testing.sample.people import Employee, Registry
from shared.testing.sample.request import SampleRequest
from shared.testing.sample.seeding import stream
from shared.testing.sample.states import STATE_IDS, Declaration, draw_declaration
from shared.testing.sample.structures import Site, Structure
from shared.testing.sample.workforce import Workforce

MONTH_COLUMNS = (
    "emi_date_creation",
    "emi_afi_id",
    "emi_sme_mois",
    "emi_sme_annee",
    "emi_esm_etat_id",
    "emi_esm_etat_code",
    "emi_sme_version",
    "emi_date_validation",
)
LINE_COLUMNS = (
    "emi_pph_id",
    "emi_ctr_id",
    "emi_nb_heures_travail",
    "emi_part_etp",
    "emi_date_fin_reelle",
    "emi_motif_sortie_id",
    "emi_motif_sortie_code",
    "emi_dsm_id",
)
NOBODY_LEFT = ("", "", "")
CORRECTION = 3
"""Hours added to some lines of a month that a corrected delivery changes."""

Line = tuple[int, int, int, tuple[str, str, str]]
"""Person, contract, half hours, exit (date, reason id, reason code)."""


@cache
def asp_etp(half_hours: int, base: int) -> str:
    """The ASP's own monthly ETP of a line: 12 h / H, half up at 4 decimals."""
    whole, decimals = divmod((120_000 * half_hours + base) // (2 * base), 10_000)
    return f"{whole}.{decimals:04d}"


def hours_text(half_hours: int) -> str:
    """Hours as the feed writes them: whole but for a few halves."""
    return f"{half_hours // 2}.50" if half_hours % 2 else str(half_hours // 2)


def site_lines(
    structure: Structure,
    site: Site,
    *,
    annexes: list[Annex],
    request: SampleRequest,
    registry: Registry,
    layout: Layout,
) -> list[str]:
    """The lines of every declared month of `annexes`, and through `registry` their contracts."""
    rng = stream(request.seed, "months", structure.number, site.rank)
    changes = stream(request.seed, "changed", structure.number, site.rank)
    template = layout.template(*MONTH_COLUMNS, *LINE_COLUMNS)
    by_month = {
        month: annex
        for annex in reversed(annexes)
        for month in range(annex.first_month, annex.last_month + 1)
        if month <= request.last_month
    }
    if not by_month:
        return []
    stops = max(by_month)
    closes = stops if stops < request.last_month else None
    workforce = Workforce(site, registry, rng, closes)
    level = _usual_level(rng)
    found: list[str] = []
    for month, annex in sorted(by_month.items()):
        season = site.kind.season[month % 12]
        pace = level * rng.uniform(0.96, 1.04) * season / 100
        target = int(annex.current.posts * annex.base.value * pace) // 1200
        workforce.advance(month, target)
        declaration = draw_declaration(rng, month, request.last_month)
        changed = changes.random() * 100 < request.changed_percent
        lines = _month(rng, workforce, month, target)
        cancelled = annex.current.state == "ANNULE" and month > annex.first_month + 2
        if declaration.state and not cancelled:
            if changed:
                lines = _corrected(lines)
            found += _texts(
                template,
                annex,
                month=month,
                declaration=declaration,
                lines=lines,
                registry=registry,
            )
    workforce.finish(stops)
    return found


def _usual_level(rng: Random) -> float:
    """Realised over contracted, apart from seasons: a few sites are far under, few over."""
    drawn = rng.random()
    if drawn < 0.12:
        return rng.uniform(0.6, 0.9)
    if drawn < 0.17:
        return rng.uniform(1.05, 1.15)
    return rng.gauss(1.0, 0.025)


def _month(rng: Random, workforce: Workforce, month: int, target: int) -> list[Line]:
    """What each employee worked, near `target` hours together; few worked nothing."""
    present = [_presence(employee, month) for employee in workforce.staff]
    usual = sum(e.hours * days for e, days in zip(workforce.staff, present, strict=True))
    factor = 2 * min(max(30 * target / (usual or 1), 0.7), 1.15)
    lines: list[Line] = []
    draw = rng.random
    for employee, days in zip(workforce.staff, present, strict=True):
        chance = draw()
        hours = int(employee.hours * factor * (0.85 + 0.3 * chance)) * days // 60 << 1
        if chance < 0.006 and days == 30:
            hours = 0
        left = employee.on_line if employee.leaves == month else NOBODY_LEFT
        lines.append((employee.person, employee.contract, hours, left))
    if lines and draw() < 0.007:
        person, contract, hours, left = lines[0]
        lines[0] = (person, contract, hours + 1, left)
    return lines


def _presence(employee: Employee, month: int) -> int:
    """Days present in the month, of 30: a first or last month is rarely whole."""
    if month not in (employee.since, employee.leaves):
        return 30
    first = employee.hired_day if employee.since == month and not employee.renewals else 1
    last = employee.exit_day if employee.leaves == month else 30
    return min(30, max(1, last - first + 1))


def _corrected(lines: list[Line]) -> list[Line]:
    """The same lines with other hours on the first one and on every fifth after it."""
    return [
        (person, contract, hours + 2 * CORRECTION, left)
        if rank % 5 == 0
        else (person, contract, hours, left)
        for rank, (person, contract, hours, left) in enumerate(lines)
    ]


def _former(lines: list[Line]) -> list[Line]:
    """The version that was declared first: a third of the lines had other hours."""
    return [
        (person, contract, max(0, hours - 10), NOBODY_LEFT)
        if rank % 3 == 0
        else (person, contract, hours, NOBODY_LEFT)
        for rank, (person, contract, hours, _) in enumerate(lines)
    ]


def _texts(
    template: str,
    annex: Annex,
    *,
    month: int,
    declaration: Declaration,
    lines: list[Line],
    registry: Registry,
) -> list[str]:
    """The rows of one month, with those of the version before when it is delivered too."""
    year, number = year_and_month(month)
    created = feed_day(month + 1, 1)
    base = annex.base.value
    versions = [(declaration.version, lines)]
    if declaration.former:
        versions.insert(0, (declaration.version - 1, _former(lines)))
    texts: list[str] = []
    for version, delivered in versions:
        state = declaration.state
        month_template = template % (
            *(created, annex.id, number, year, STATE_IDS[state], state, version),
            *(declaration.validated_on, *["%s"] * len(LINE_COLUMNS)),
        )
        texts += [
            month_template
            % (
                person,
                contract,
                hours_text(half_hours),
                asp_etp(half_hours, base),
                *left,
                registry.next_id("line"),
            )
            for person, contract, half_hours, left in delivered
        ]
    return texts
