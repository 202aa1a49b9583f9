"""One month, two sources, from the doors to the figures: provisional until the ASP's arrives."""

from decimal import Decimal
from typing import Any

import httpx
import pytest

from shared.contracts.registry import DocumentType
from tests import redo
from tests.doors import EXAMPLES, PLAIN, STRUCTURE, Door, add_client, changed, door_of, statuses
from tests.homes import TestHome, wait_for_records

ANNEX = EXAMPLES[DocumentType.FINANCIAL_ANNEX]
MONTH = EXAMPLES[DocumentType.MONTHLY_STATE]
LINES = MONTH["data"]["lines"]


class Figures:
    """The example's annex, as a funder reads it."""

    def __init__(self, home: TestHome, url: str) -> None:
        token = home.cadran("token", "--role", "ddets", "--department", "54").strip()
        self._headers = {"Authorization": f"Bearer {token}"}
        self._annex = f"{url}/etp/v1/annexes/{ANNEX['data']['annex_id']}"

    def get(self, path: str = "", **parameters: str) -> Any:
        answer = httpx.get(
            self._annex + path, headers=self._headers, params=parameters, timeout=60, verify=PLAIN
        )
        assert answer.status_code == 200, answer.text
        return answer.json()

    def march(self) -> Any:
        """Its month of March, explained."""
        document = self.get("/explanation", month="2026-03")
        redo.assert_same(document, redo.of_month(document), document["month"])
        return document


@pytest.fixture(scope="module")
def url(home: TestHome) -> str:
    """The web process, beside the workers."""
    home.start_workers()
    return home.start("web", "web")


def declare(home: TestHome, door: Door, total: int, *declarations: Any) -> None:
    """Declare, and wait until `total` records are projected."""
    answer = door.declare(*declarations)
    assert statuses(answer) == ["accepted"] * len(declarations), answer.text
    wait_for_records(home, total)


def test_an_editors_month_is_provisional_until_the_asps_arrives(home: TestHome, url: str) -> None:
    editor = door_of(url, add_client(home, "editor", STRUCTURE))
    asp = door_of(url, add_client(home, "asp"))
    figures = Figures(home, url)
    declare(home, asp, 1, ANNEX)
    declare(home, editor, 2, changed(MONTH, lines=[{**LINES[0], "hours": "182"}]))
    march = figures.march()["month"]
    assert (march["source"], march["state"], march["hours"]) == ("editor", "VALIDE", "182.00")
    assert (march["provisional"], march["validated"], march["late"]) == (True, False, True)
    assert figures.get()["class"] == "non déclaré"
    (row,) = [row for row in home.export("annex-months") if row["month"] == "3"]
    assert (row["hours"], row["validated"]) == ("182.00", "false")

    declare(home, asp, 3, MONTH)
    explained = figures.march()
    march = explained["month"]
    hours = f"{sum(Decimal(line['hours']) for line in LINES):.2f}"
    assert (march["source"], march["hours"], march["provisional"]) == ("asp", hours, False)
    assert figures.get()["validated_months"] == 1
    shown = [(d["source"], d["rank"], d["in_force"]) for d in explained["declarations"]]
    assert shown == [("asp", 1, True), ("editor", 2, False)]
    accesses = home.cadran_json("access-log")["rows"]
    read = {(row["reader"], row["action"], row["resource"], row["allowed"]) for row in accesses}
    assert read == {("ddets 54", "monthly-lines", "annex 42001 2026-03", True)}
