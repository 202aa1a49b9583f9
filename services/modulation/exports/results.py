"""A year's results of a region or of the nation, computed once per state of the projection.

They are a function of the projection, the year and the business date: kept in memory under these,
and computed again as soon as a record is applied.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, NamedTuple
from weakref import WeakValueDictionary

from services.modulation.domain.allocation.candidates import Candidate, refusals
from services.modulation.domain.facts import StructureFacts
from services.modulation.domain.findings import ExitVerdict, RowFindings
from services.modulation.domain.indicators import find, find_exits
from services.modulation.domain.ratios import Ratio
from services.modulation.exports.exits import ExitRow, exit_row
from services.modulation.exports.indicators import IndicatorRow, indicator_row, sorted_rows
from services.modulation.queries.facts import stream_facts
from services.modulation.queries.reads import candidate_structures, read_mark
from shared.database.reads import LATEST, Pool, snapshot
from shared.database.types import Connection
from shared.reference.departments import region_of, regions

KEPT: Final = 64
"""Results in memory at most: a year of every region, several times."""


class PlacedExit(NamedTuple):
    """An exit, and the department of its row."""

    department: str | None
    row: ExitRow


@dataclass(frozen=True, slots=True)
class Results:
    """Rows by region, type and structure; exits by structure, kind, regime and contract."""

    rows: Sequence[IndicatorRow]
    exits: Sequence[PlacedExit]


def candidate_of(row: IndicatorRow) -> Candidate:
    """What a row stands with in the allocation of its exercise."""
    return Candidate(
        row.exercise,
        row.region or "",
        row.type,
        row.structure_id,
        row.months_conventioned,
        row.socle_eur_cents,
        (
            Ratio(row.ind1_num, row.ind1_den),
            Ratio(row.ind2_num, row.ind2_den),
            Ratio(row.ind3_num, row.ind3_den),
        ),
    )


def allocatable(rows: Sequence[IndicatorRow]) -> list[Candidate]:
    """The rows as candidates, those that an allocation refuses left out."""
    return [one for one in map(candidate_of, rows) if not any(refusals(one))]


async def read_results(
    connection: Connection,
    year: int,
    today: date,
    region: str | None = None,
    structures: Sequence[int] | None = None,
) -> Results:
    """The results of some structures, else of a region's rows, else of the nation."""
    if structures is None:
        departments = None if region is None else regions()[region]
        structures = await candidate_structures(connection, LATEST, year, departments)
    rows: list[IndicatorRow] = []
    exits: list[PlacedExit] = []
    async for facts in stream_facts(connection, year, structures):
        await asyncio.sleep(0)  # others are served between two structures
        found = find(facts, year, today)
        rows += [indicator_row(one, year) for one in found if _within(one, region)]
        exits += _exits(facts, found, find_exits(facts, year), region)
    return Results(sorted_rows(rows), exits)


def _within(found: RowFindings, region: str | None) -> bool:
    return region is None or found.socle.region == region


def _exits(
    facts: StructureFacts,
    found: Sequence[RowFindings],
    verdicts: Sequence[ExitVerdict],
    region: str | None,
) -> list[PlacedExit]:
    """Exits with their place: the row's, else (a kind without modulated part) the structure's."""
    places = {one.row: one.socle.department for one in found}
    placed = [
        PlacedExit(places.get(verdict.row, facts.department), exit_row(verdict))
        for verdict in verdicts
    ]
    return [one for one in placed if region is None or _region(one.department) == region]


def _region(department: str | None) -> str | None:
    return region_of(department) if department else None


class ResultsCache:
    """The results last asked for. One caller computes, the others of the same key wait, without a
    transaction of their own."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[object, ...], Results] = OrderedDict()
        self._computing: WeakValueDictionary[tuple[object, ...], asyncio.Lock] = (
            WeakValueDictionary()
        )

    async def read(self, pool: Pool, year: int, today: date, region: str | None) -> Results:
        """The results of a region, or of the nation, of the projection as it is now."""
        asked = (year, today, region)
        async with self._computing.setdefault(asked, asyncio.Lock()), snapshot(pool) as connection:
            key = (await read_mark(connection), *asked)
            if key not in self._kept:
                self._kept[key] = await read_results(connection, year, today, region)
            self._kept.move_to_end(key)
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
            return self._kept[key]
