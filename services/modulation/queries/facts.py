"""Facts of structures as frozen values of the domain, a bounded number of structures at a time."""

from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import islice
from typing import Final

from services.modulation.domain.facts import (
    AnnexVersion,
    Employment,
    Exit,
    StructureFacts,
    SupportHours,
    ValidatedHours,
)
from services.modulation.domain.rows import Row
from services.modulation.domain.rules import rule_set
from services.modulation.queries import reads
from shared.database.reads import LATEST, Record
from shared.database.types import Connection
from shared.rules.measures import KINDS, read_measure
from shared.rules.monthly_states import VALIDATING_RANK

AT_A_TIME: Final = 100
"""Structures whose facts are held at once: memory stays flat for the nation."""


async def stream_facts(
    connection: Connection, year: int, structures: Iterable[int], as_of: int = LATEST
) -> AsyncIterator[StructureFacts]:
    """The facts of each structure for the results of `year`, in the order given."""
    remaining = iter(structures)
    while chunk := list(islice(remaining, AT_A_TIME)):
        for facts in await _read(connection, year, chunk, as_of):
            yield facts


@dataclass(slots=True)
class _Gathered:
    """What was read for one structure."""

    annexes: list[AnnexVersion] = field(default_factory=list)
    in_force: dict[int, int] = field(default_factory=dict)
    hours: list[ValidatedHours] = field(default_factory=list)
    employments: dict[int, Employment] = field(default_factory=dict)
    support_hours: dict[str, SupportHours] = field(default_factory=dict)


async def _read(
    connection: Connection, year: int, structures: Sequence[int], as_of: int
) -> list[StructureFacts]:
    gathered = {structure: _Gathered() for structure in structures}
    annexes = await reads.annexes_ever_of(connection, as_of, structures)
    _gather_annexes(gathered, await reads.read_annex_versions(connection, as_of, annexes))
    for month in await reads.read_validated_months(connection, as_of, annexes, year):
        if (of := gathered.get(month["structure_id"])) is not None:
            of.hours.extend(_hours(month))
    await _gather_employments(connection, as_of, gathered)
    for entry in await reads.read_support_hours(connection, as_of, structures, year):
        gathered[entry["structure_id"]].support_hours[entry["kind"]] = _support(entry)
    contracts = [
        (contract, employment.row)
        for of in gathered.values()
        for contract, employment in of.employments.items()
    ]
    exits = {
        row["contract_id"]: Exit(
            row["contract_id"],
            row["left_on"],
            row["reason"],
            row["category"],
            granted=row["rank"] == VALIDATING_RANK,
        )
        for row in await reads.read_exits(connection, as_of, [one for one, _ in contracts])
    }
    by_hours = rule_set(year + 1).minimum_hours
    timed = [contract for contract, row in contracts if row is None or row.kind in by_hours]
    hours: dict[int, Decimal] = {
        row["contract_id"]: row["hours"]
        for row in await reads.read_hours_by_contract(connection, as_of, annexes, timed)
    }
    departments = await reads.read_departments(connection, structures)
    return [
        StructureFacts(
            structure_id=structure,
            department=departments.get(structure),
            annexes=of.annexes,
            in_force=of.in_force,
            employments=list(of.employments.values()),
            exits=[exits[contract] for contract in of.employments if contract in exits],
            hours=of.hours,
            hours_by_contract={one: hours[one] for one in of.employments if one in hours},
            support_hours=of.support_hours,
        )
        for structure, of in gathered.items()
    ]


def _gather_annexes(gathered: Mapping[int, _Gathered], records: Iterable[Record]) -> None:
    """Every version of an annex goes to each structure that one of them names."""
    versions: dict[int, list[AnnexVersion]] = defaultdict(list)
    in_force: dict[int, int] = {}
    for record in records:
        measure = read_measure(record["measure"])
        if not (measure.known and measure.kind in KINDS):
            continue
        row = Row(record["structure_id"], measure.kind, measure.regime)
        versions[record["annex_id"]].append(_version(record, row))
        if record["in_force"]:
            in_force[record["annex_id"]] = record["amendment_id"]
    for annex_id, of_annex in versions.items():
        for structure in {version.row.structure_id for version in of_annex} & gathered.keys():
            gathered[structure].annexes.extend(of_annex)
            if annex_id in in_force:
                gathered[structure].in_force[annex_id] = in_force[annex_id]


async def _gather_employments(
    connection: Connection, as_of: int, gathered: Mapping[int, _Gathered]
) -> None:
    """The structures' own contracts; then those of others that their hours name, with the
    contracts of the same persons."""
    for record in await reads.read_employments_of(connection, as_of, list(gathered)):
        gathered[record["structure_id"]].employments[record["contract_id"]] = _employment(record)
    foreign = {
        structure: {line.contract_id for line in of.hours if line.contract_id is not None}
        - of.employments.keys()
        for structure, of in gathered.items()
    }
    named = set().union(*foreign.values())
    if not named:
        return
    by_person: dict[str, list[Employment]] = defaultdict(list)
    holders: dict[int, str] = {}
    for record in await reads.read_employments(connection, as_of, named):
        by_person[record["person"]].append(_employment(record))
        holders[record["contract_id"]] = record["person"]
    for structure, contracts in foreign.items():
        for person in {holders[contract] for contract in contracts if contract in holders}:
            beside = {one.contract_id: one for one in by_person[person]}
            gathered[structure].employments.update(beside)


def _version(record: Record, row: Row) -> AnnexVersion:
    return AnnexVersion(
        annex_id=record["annex_id"],
        amendment_id=record["amendment_id"],
        renewal=record["renewal"],
        amendment=record["amendment"],
        state=record["state"],
        row=row,
        starts_on=record["starts_on"],
        ends_on=record["ends_on"],
        department=record["department"],
        total=record["total_amount"],
        cofinanced=record["cofinanced_amount"],
        unit_amount=record["unit_amount"],
        received_on=record["received_on"],
        granted=record["rank"] == VALIDATING_RANK,
    )


def _hours(month: Record) -> Iterable[ValidatedHours]:
    row = Row(month["structure_id"], month["kind"], month["regime"])
    holders = zip(month["contracts"], month["persons"], month["hours"], strict=True)
    for contract, person, hours in holders:
        yield ValidatedHours(
            row,
            month["annex_id"],
            month["hours_base"],
            month["year"],
            month["month"],
            contract,
            person,
            hours,
        )


def _employment(record: Record) -> Employment:
    known = record["known"] and record["kind"] in KINDS
    return Employment(
        contract_id=record["contract_id"],
        person=record["person"],
        row=Row(record["structure_id"], record["kind"], record["regime"]) if known else None,
        renewal=record["renewal"] or 0,
        hired_on=record["hired_on"],
        ends_on=record["ends_on"],
        rsa=record["rsa"],
        ass=record["ass"] or False,
        aah=record["aah"] or False,
        prescriber=record["prescriber"],
        granted=record["rank"] == VALIDATING_RANK,
    )


def _support(entry: Record) -> SupportHours:
    return SupportHours(
        entry["structure_id"],
        entry["kind"],
        entry["technical_hours"],
        entry["support_hours"],
        entry["partner_hours"],
        entry["training_hours"],
        entry["positioned_persons"],
    )
