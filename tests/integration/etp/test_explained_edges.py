"""What feed-mini does not hold: a difference at the bound, and a month that enters no sum."""

from datetime import date
from typing import Any

import pytest

from shared.contracts.monthly_state_v1 import MonthlyLine, MonthlyStateDeclared
from shared.kafka.records import Event
from tests import redo
from tests.api_client import Api
from tests.integration.etp.test_in_force import annex
from tests.projected import Projected, event


def january(annex_id: int, *asp_etp: str | None) -> Event:
    """A validated month of 455 h a line (3 monthly ETP at 1820 h), each with the ASP's figure."""
    lines = [
        MonthlyLine(
            line_id=10 * annex_id + place,
            version=1,
            state="VALIDE",
            hours="455",
            contract_id=10 * annex_id + place,
            asp_etp=figure,
        )
        for place, figure in enumerate(asp_etp)
    ]
    return event(MonthlyStateDeclared(annex_id=annex_id, year=2026, month=1, lines=lines), 2)


@pytest.mark.parametrize(
    ("asp_etp", "listed"),
    [
        (["3"], None),
        (["2.99"], None),
        (["3.01"], None),
        (["2.989"], "0.011000"),
        (["3.010000000000000000000000000001"], "-0.010000"),
        (["2.5", "3.5"], None),
        (["2.5", None], "0.500000"),
        ([None, None], None),
    ],
)
async def test_a_difference_is_listed_above_a_hundredth_of_a_post(
    projected: Projected, api: Api, asp_etp: list[str | None], listed: str | None
) -> None:
    await projected.clear()
    await projected.declare([annex(1), january(1, *asp_etp)])
    items = await api.items("/v1/differences")
    assert [item["asp_difference"] for item in items] == ([] if listed is None else [listed])
    month = (await api.get("/v1/annexes/1/explanation", month="2026-01")).json()
    redo.assert_same(month, redo.of_month(month), month["month"])


async def test_a_month_outside_its_annex_enters_no_sum_and_no_difference(
    projected: Projected, api: Api
) -> None:
    await projected.clear()
    later = annex(1, None, amendment_id=20, annex_id=2, starts_on=date(2026, 3, 1))
    await projected.declare([annex(1), later, january(1, "3"), january(2, "9")])
    asked: dict[str, Any] = {"kind": "ACI", "month": "2026-01"}
    territory = asked | {"department": "54"}
    for path, parameters in (
        ("/v1/structures/100/explanation", asked),
        ("/v1/territories/explanation", territory),
    ):
        document = (await api.get(path, **parameters)).json()
        assert [part["annex_id"] for part in document["annex_months"]] == [1]
        redo.assert_same(document, redo.of_sum(document), document["sum"])
    assert await api.items("/v1/differences") == []


async def test_the_unknown_department_is_not_any_department(projected: Projected, api: Api) -> None:
    await projected.clear()
    asked: dict[str, Any] = {"kind": "ACI", "month": "2026-01"}
    await projected.declare([annex(1)])
    without = await api.get("/v1/territories/explanation", **asked)
    assert (without.status_code, without.json()["code"]) == (404, "figure-not-found")
    unknown = annex(1, None, amendment_id=20, annex_id=2, annex_number="X")
    await projected.declare([unknown])
    document = (await api.get("/v1/territories/explanation", **asked)).json()
    assert [part["annex_id"] for part in document["annex_months"]] == [2]
    assert document["sum"]["department"] is None
