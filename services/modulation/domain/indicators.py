"""From a structure's facts to the findings of its rows, for the results of a year."""

from collections.abc import Sequence, Set
from dataclasses import dataclass
from datetime import date

from services.modulation.domain import controls
from services.modulation.domain.effort import annex_hours, effort, entered_hours
from services.modulation.domain.exits import exit_verdicts, results
from services.modulation.domain.facts import AnnexVersion, StructureFacts
from services.modulation.domain.findings import ExitVerdict, RowFindings
from services.modulation.domain.public import employees, public
from services.modulation.domain.rows import Row
from services.modulation.domain.rules import RuleSet, rule_set
from services.modulation.domain.socle import (
    months_in_year,
    share_of,
    socle,
    socle_versions,
    versions_in_force,
)
from services.modulation.domain.stays import Stay, stays


def find_exits(facts: StructureFacts, year: int) -> list[ExitVerdict]:
    """The definitive exits of a structure dated in the year, all kinds with exits."""
    return exit_verdicts(facts, stays(facts), year, rule_set(year + 1))


def find(facts: StructureFacts, year: int, today: date) -> list[RowFindings]:
    """The findings of each row of a structure with a modulated part that is contracted in the
    year, or has an exit in it; by row.

    `today` (Paris) tells ended stays from those still running.
    """
    rules = rule_set(year + 1)
    of_persons = stays(facts)
    known = _Known(
        facts,
        [
            one
            for one in versions_in_force(facts.annexes, facts.in_force)
            if months_in_year(one, year)
        ],
        [
            one
            for one in socle_versions(facts.annexes, facts.in_force, year)
            if months_in_year(one, year)
        ],
        of_persons,
        exit_verdicts(facts, of_persons, year, rules),
        {one.contract_id for one in facts.employments if not one.granted}
        | {one.contract_id for one in facts.exits if not one.granted},
    )
    rows = {version.row for version in (*known.in_force, *known.of_socle)}
    rows |= {verdict.row for verdict in known.verdicts}
    return [
        _findings(row, known, rules, year, today)
        for row in sorted(rows)
        if row.structure_id == facts.structure_id and row.type is not None
    ]


@dataclass(frozen=True, slots=True)
class _Known:
    """What the rows of a structure are found from: annex versions with a month in the year.
    `provisional`: contracts of which no source that may validate declares the contract, or the
    exit."""

    facts: StructureFacts
    in_force: Sequence[AnnexVersion]
    of_socle: Sequence[AnnexVersion]
    stays: Sequence[Stay]
    verdicts: Sequence[ExitVerdict]
    provisional: Set[int]


def _findings(row: Row, known: _Known, rules: RuleSet, year: int, today: date) -> RowFindings:
    facts = known.facts
    of_socle = [version for version in known.of_socle if version.row == row]
    in_force = [version for version in known.in_force if version.row == row]
    verdicts = [verdict for verdict in known.verdicts if verdict.row == row]
    hired = employees([line for line in facts.hours if line.row == row], known.stays)
    worked = annex_hours(line for line in facts.hours if line.row.kind == row.kind)
    entered = entered_hours(facts.support_hours.get(row.kind))
    ratios = public(hired), effort(row.kind, entered, worked, rules), results(verdicts)
    amount = socle([share_of(version, year) for version in of_socle], facts.department)
    return RowFindings(
        row=row,
        socle=amount,
        ratios=ratios,
        employees=hired,
        annex_hours=worked,
        support_hours=entered,
        exits=verdicts,
        controls=[
            *controls.annex_controls(in_force, of_socle, year),
            *controls.place_controls(amount),
            *controls.person_controls(hired, verdicts, ratios, known.provisional),
            *controls.stay_controls((stay for stay in known.stays if stay.row == row), year, today),
        ],
    )
