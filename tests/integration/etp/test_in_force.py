"""What counts among everything declared: sources, revisions, amendments, owners, places."""

from collections.abc import Sequence
from datetime import date
from itertools import permutations
from typing import Any

import pytest

from services.etp.exports.annexes import AnnexRow, annexes
from services.etp.queries.selection import Selection
from shared.contracts.financial_annex_v1 import FinancialAnnexDeclared, FinancialAnnexWithdrawn
from shared.contracts.monthly_state_v1 import (
    MonthlyLine,
    MonthlyStateDeclared,
    MonthlyStateWithdrawn,
)
from shared.contracts.structure_v1 import StructureDeclared, StructureWithdrawn
from shared.database.reads import LATEST, snapshot
from shared.kafka.records import Event
from tests.projected import Projected, event

EDITOR: dict[str, Any] = {"source": "editor", "rank": 2}


def annex(revision: int, origin: dict[str, Any] | None = None, **fields: Any) -> Event:
    """A version of annex 1, 10 posts in 2026 unless `fields` say otherwise."""
    version: dict[str, Any] = {
        "amendment_id": 10,
        "annex_id": 1,
        "structure_id": 100,
        "annex_number": "ACI054260001",
        "measure": "ACI_DC",
        "renewal": 0,
        "amendment": 0,
        "state": "VALIDE",
        "starts_on": date(2026, 1, 1),
        "ends_on": date(2026, 12, 31),
        "contracted_etp": "10",
        "hours_base": "1820",
    }
    return event(FinancialAnnexDeclared(**(version | fields)), revision, **(origin or {}))


def annex_gone(revision: int, amendment_id: int = 10, **origin: Any) -> Event:
    return event(FinancialAnnexWithdrawn(amendment_id=amendment_id, annex_id=1), revision, **origin)


EDITORS_AMENDMENT = annex(9, EDITOR, amendment_id=11, amendment=1, contracted_etp="30")


def january(revision: int, hours: str, state: Any = "VALIDE", **origin: Any) -> Event:
    line = MonthlyLine(line_id=1, version=1, state=state, hours=hours, contract_id=1)
    month = MonthlyStateDeclared(annex_id=1, year=2026, month=1, lines=[line])
    return event(month, revision, **origin)


def january_gone(revision: int, **origin: Any) -> Event:
    return event(MonthlyStateWithdrawn(annex_id=1, year=2026, month=1), revision, **origin)


def structure(revision: int, insee_code: str) -> Event:
    return event(StructureDeclared(structure_id=100, insee_code=insee_code), revision)


async def read(projected: Projected, as_of: int = LATEST) -> list[AnnexRow]:
    async with snapshot(projected.pool) as connection:
        return await annexes(connection, Selection(as_of))


async def one(projected: Projected, *events: Event) -> AnnexRow | None:
    """The annex in force once the events came, in every order; they must all agree."""
    found: list[AnnexRow | None] = []
    for order in list(permutations(events))[:24]:
        await projected.clear()
        for single in order:
            await projected.declare([single])
        rows = await read(projected)
        assert len(rows) <= 1
        found.append(rows[0] if rows else None)
    assert all(row == found[0] for row in found)
    return found[0]


def posts(row: AnnexRow | None) -> int | None:
    return None if row is None else int(row.contracted_etp)


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        ([annex(1), annex(2, contracted_etp="8")], 8),
        ([annex(1), annex_gone(2)], None),
        ([annex(1), annex_gone(2), annex(3, contracted_etp="7")], 7),
        ([annex(1), annex(9, EDITOR, contracted_etp="8")], 10),
        ([annex(1), annex(9, EDITOR, contracted_etp="8"), annex_gone(2)], 8),
        ([annex(9, EDITOR, contracted_etp="8"), annex(1, state="SAISI")], None),
        ([annex(1), annex(2, {"source": "other", "rank": 1}, contracted_etp="9")], 9),
        ([annex(1), annex(9, EDITOR, contracted_etp="8"), annex_gone(10, **EDITOR)], 10),
    ],
)
async def test_the_best_sources_highest_revision_counts(
    projected: Projected, events: Sequence[Event], expected: int | None
) -> None:
    assert posts(await one(projected, *events)) == expected


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        ([annex(1), EDITORS_AMENDMENT], 10),
        ([annex(1, state="ANNULE"), EDITORS_AMENDMENT], None),
        ([annex(1), annex_gone(2), EDITORS_AMENDMENT], 30),
        ([EDITORS_AMENDMENT], 30),
    ],
)
async def test_an_editors_amendment_changes_nothing_to_an_annex_that_the_asp_holds(
    projected: Projected, events: Sequence[Event], expected: int | None
) -> None:
    assert posts(await one(projected, *events)) == expected


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"amendment": 1}, 8),
        ({"renewal": 1}, 8),
        ({"amendment": 1, "state": "SAISI"}, 10),
        ({"amendment": 1, "state": "ANNULE"}, 10),
        ({"amendment": 1, "measure": "FDI_DC"}, 10),
        ({"amendment": 0}, 8),
        ({"amendment": 0, "amendment_id": 9}, 10),
    ],
)
async def test_the_highest_counted_amendment_counts(
    projected: Projected, fields: dict[str, Any], expected: int
) -> None:
    second = annex(2, None, **({"amendment_id": 11, "contracted_etp": "8"} | fields))
    assert posts(await one(projected, annex(1), second)) == expected


async def test_an_earlier_amendment_counts_again_when_the_latest_is_withdrawn(
    projected: Projected,
) -> None:
    amended = annex(2, amendment_id=11, amendment=1, contracted_etp="8")
    row = await one(projected, annex(1), amended, annex_gone(3, 11))
    assert posts(row) == 10


async def test_the_winner_gives_its_dates_owner_and_base_to_all_months(
    projected: Projected,
) -> None:
    amended = annex(
        2,
        amendment_id=11,
        amendment=1,
        structure_id=200,
        starts_on=date(2026, 3, 1),
        hours_base="1600",
        measure="EI_MP",
    )
    row = await one(projected, annex(1), amended, january(3, "1820"))
    assert row is not None
    assert (row.structure_id, row.kind, row.regime, row.months) == (200, "EI", "MP", 10)
    assert (row.validated_months, int(row.hours_base)) == (0, 1600)


@pytest.mark.parametrize(
    ("months", "validated", "hours"),
    [
        ([january(1, "100")], 1, 100),
        ([january(1, "100"), january(2, "200")], 1, 200),
        ([january(1, "100"), january(2, "200", "SAISI")], 0, 0),
        ([january(1, "100"), january_gone(2)], 0, 0),
        ([january(1, "100"), january_gone(2), january(3, "100")], 1, 100),
        ([january(1, "100"), january(9, "900", **EDITOR)], 1, 100),
        ([january(1, "100"), january(9, "900", **EDITOR), january_gone(2)], 0, 0),
        ([january(1, "0")], 1, 0),
    ],
)
async def test_the_month_in_force(
    projected: Projected, months: Sequence[Event], validated: int, hours: int
) -> None:
    row = await one(projected, annex(0), *months)
    assert row is not None
    assert row.validated_months == validated
    assert row.realised_annual_etp * 1820 == hours


@pytest.mark.parametrize(
    ("number", "events", "department"),
    [
        ("ACI054260001", [structure(1, "13055")], "54"),
        ("ACI099260001", [structure(1, "13055")], "13"),
        ("ACI099260001", [structure(1, "13055"), structure(2, "97209")], "972"),
        ("ACI099260001", [structure(1, "00000")], None),
        ("ACI099260001", [], None),
    ],
)
async def test_the_department_falls_back_on_the_structures(
    projected: Projected, number: str, events: Sequence[Event], department: str | None
) -> None:
    row = await one(projected, annex(0, annex_number=number), *events)
    assert row is not None
    assert row.department == department


async def test_a_structure_withdrawn_gives_no_department(projected: Projected) -> None:
    gone = event(StructureWithdrawn(structure_id=100), 2)
    row = await one(projected, annex(0, annex_number="X"), structure(1, "13055"), gone)
    assert row is not None
    assert (row.department, row.region) == (None, None)


async def test_as_of_forgets_what_came_after(projected: Projected) -> None:
    await projected.clear()
    await projected.declare(
        [annex(1), january(2, "100"), annex(3, contracted_etp="8"), january_gone(4)]
    )
    found = [await read(projected, as_of) for as_of in range(5)]
    assert found[0] == []
    assert [posts(rows[0]) for rows in found[1:]] == [10, 10, 8, 8]
    assert [rows[0].validated_months for rows in found[1:]] == [0, 1, 1, 0]


async def test_as_of_shows_a_structures_present_department(projected: Projected) -> None:
    await projected.clear()
    await projected.declare([annex(1, annex_number="X"), structure(1, "13055")])
    await projected.declare([structure(2, "75056")])
    (then,) = await read(projected, as_of=1)
    assert then.department == "75"
