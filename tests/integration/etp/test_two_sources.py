"""Two sources declare the same: one figure, the best rank's, and both stay readable."""

from collections.abc import Sequence
from datetime import date
from itertools import permutations
from typing import Any

import pytest

from services.etp.exports.aggregates import structures
from services.etp.exports.annexes import AnnexMonthRow, annex_months, annexes
from services.etp.queries.selection import Selection
from shared.database.reads import LATEST, snapshot
from shared.kafka.records import Event
from tests import redo
from tests.api_client import Api
from tests.integration.etp.test_in_force import (
    EDITOR,
    annex,
    annex_gone,
    january,
    january_gone,
)
from tests.projected import Projected

TODAY = date(2026, 11, 22)
OTHER: dict[str, Any] = {"source": "other-editor", "rank": 2}


async def months(projected: Projected, as_of: int = LATEST) -> list[AnnexMonthRow]:
    async with snapshot(projected.pool) as connection:
        return [
            row async for rows in annex_months(connection, Selection(as_of), TODAY) for row in rows
        ]


async def first_month(projected: Projected, events: Sequence[Event]) -> AnnexMonthRow:
    """January once the events came, in every order; they must all agree."""
    found = []
    for order in list(permutations(events))[:24]:
        await projected.clear()
        for single in order:
            await projected.declare([single])
        found.append((await months(projected))[0])
    assert all(row == found[0] for row in found)
    return found[0]


@pytest.mark.parametrize(
    ("events", "hours", "validated"),
    [
        ([january(9, "900", **EDITOR)], 900, False),
        ([january(9, "900", **EDITOR), january(1, "100")], 100, True),
        ([january(9, "900", **EDITOR), january(1, "100", "SAISI")], 100, False),
        ([january(9, "900", **EDITOR), january(1, "100"), january_gone(2)], 900, False),
        ([january(1, "100"), january(9, "900", **EDITOR), january_gone(10, **EDITOR)], 100, True),
        ([january(8, "800", **OTHER), january(9, "900", **EDITOR)], 900, False),
        ([january(8, "800", **OTHER), january(7, "700", **EDITOR), january_gone(6)], 800, False),
    ],
)
async def test_an_editors_month_is_provisional_until_the_asps_arrives(
    projected: Projected, events: Sequence[Event], hours: int, validated: bool
) -> None:
    row = await first_month(projected, [annex(0), *events])
    assert (int(row.hours), row.validated) == (hours, validated)
    assert row.late is not validated
    assert row.realised_etp is not None


async def test_a_provisional_month_enters_no_figure(projected: Projected) -> None:
    await projected.clear()
    await projected.declare([annex(1), january(2, "1820", **EDITOR)])
    async with snapshot(projected.pool) as connection:
        (row,) = await annexes(connection, Selection())
        (sums,) = [
            row
            async for rows in structures(connection, Selection())
            for row in rows
            if row.month == 1
        ]
    assert (row.validated_months, row.class_) == (0, "non déclaré")
    assert not row.realised_annual_etp
    assert not sums.validated_contracted_etp
    assert not sums.validated_realised_etp


async def test_a_month_is_provisional_then_validated_then_provisional_as_of_each_instant(
    projected: Projected,
) -> None:
    await projected.clear()
    await projected.declare(
        [annex(1), january(2, "900", **EDITOR), january(3, "100"), january_gone(4)]
    )
    found = [(await months(projected, as_of))[0] for as_of in range(1, 5)]
    assert [(int(row.hours), row.validated) for row in found] == [
        (0, False),
        (900, False),
        (100, True),
        (900, False),
    ]


@pytest.mark.parametrize(
    ("events", "posts", "validated"),
    [
        ([annex(1), annex(9, EDITOR, contracted_etp="8"), january(2, "100")], 10, True),
        ([annex(9, EDITOR, contracted_etp="8"), january(2, "100")], 8, True),
        ([annex(1), annex_gone(3), annex(9, EDITOR, contracted_etp="8"), january(2, "1")], 8, True),
        ([annex(1), annex(9, EDITOR, amendment_id=11, amendment=1), january(2, "1")], 10, True),
    ],
)
async def test_an_annex_declared_by_two_sources_takes_the_asps_months(
    projected: Projected, events: Sequence[Event], posts: int, validated: bool
) -> None:
    row = await first_month(projected, events)
    assert row.contracted_etp == posts
    assert row.validated is validated


async def test_both_sources_stay_readable(api: Api, projected: Projected) -> None:
    await projected.clear()
    await projected.declare(
        [
            annex(1),
            annex(9, EDITOR, contracted_etp="8"),
            january(2, "100"),
            january(9, "900", **EDITOR),
        ]
    )
    document = (await api.get("/v1/annexes/1")).json()
    versions = [(v["source"], v["contracted_etp"], v["in_force"]) for v in document["versions"]]
    assert versions == [("asp", "10.000000", True), ("editor", "8.000000", False)]
    shown = document["months"][0]
    assert (shown["source"], shown["provisional"], shown["hours"]) == ("asp", False, "100.00")
    month = (await api.get("/v1/annexes/1/explanation", month="2026-01")).json()
    assert [(d["source"], d["rank"], d["hours"], d["in_force"]) for d in month["declarations"]] == [
        ("asp", 1, "100", True),
        ("editor", 2, "900", False),
    ]
    await projected.declare([january_gone(10)])
    (shown, *others) = (await api.get("/v1/annexes/1/months")).json()["items"]
    assert (shown["source"], shown["provisional"], shown["state"]) == ("editor", True, "VALIDE")
    assert {month["provisional"] for month in others} == {False}
    month = (await api.get("/v1/annexes/1/explanation", month="2026-01")).json()
    redo.assert_same(month, redo.of_month(month), month["month"])
    assert month["month"]["validated"] is False
