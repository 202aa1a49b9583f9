"""The oracle of other tests gives the sample's expected figures, from files and from events."""

import csv
import io
import random
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.oracle import Event, exports, fold
from tests.oracle_rows import RefusedError, put_together

MINI = Path(__file__).parents[1] / "data" / "feed-mini"
TODAY = "2026-11-22"
TABLES = ("annexes", "annex-months", "structures", "territories")


@pytest.mark.parametrize("delivery", [".", "second-delivery", "third-delivery"])
def test_a_delivery_gives_its_expected_exports(delivery: str) -> None:
    found = exports(MINI / delivery / "feed", TODAY)
    for table in TABLES:
        expected = (MINI / delivery / "expected" / f"{table}.csv").read_text(encoding="utf-8")
        assert found[table] == expected, table


def test_a_file_whose_count_differs_is_refused() -> None:
    with pytest.raises(RefusedError, match="FIN"):
        exports(MINI / "wrong-fin", TODAY)


@pytest.mark.parametrize(
    ("lines", "rows"),
    [
        (["a|b|c", "d|e|f"], ["a|b|c", "d|e|f"]),
        (["a|b", "c|d"], ["a|b c|d"]),
        (["a|b|c", "tail", "", "|e|f"], ["a|b|c tail ", "|e|f"]),
        (["a|b", "|c"], ["a|b |c"]),
        (["a|b", "d|e|f"], ["a|b", "d|e|f"]),
        (["a|b", "c|d|e|f"], ["a|b", "c|d|e|f"]),
        (["a|b", "c", "d|e|f"], ["a|b c", "d|e|f"]),
        (["a|b|c", "d|e"], ["a|b|c", "d|e"]),
        (["a|b|c|d", "tail", "e|f|g"], ["a|b|c|d tail", "e|f|g"]),
    ],
)
def test_rows_in_pieces(lines: list[str], rows: list[str]) -> None:
    assert list(put_together(lines, 3)) == rows


def annex(revision: int, posts: str, *, source: str = "asp", rank: int = 1, **other: Any) -> Event:
    """An EI annex of March to December 2026 whose ETP of a month is 100 hours."""
    data = {
        "annex_id": 1,
        "amendment_id": 10,
        "structure_id": 5,
        "annex_number": "EI099260001",
        "measure": "EI_DC",
        "renewal": 0,
        "amendment": 0,
        "state": "VALIDE",
        "starts_on": "2026-03-01",
        "ends_on": "2026-12-31",
        "contracted_etp": posts,
        "hours_base": "1200",
        "unit_amount": "12000",
    }
    return "fr.cadran.financial-annex.declared.v1", source, rank, revision, data | other


def month(revision: int, number: int, *lines: Any, source: str = "asp", rank: int = 1) -> Event:
    """Lines are (version, state, hours) of one contract."""
    of_contract = [
        {"line_id": place, "version": version, "state": state, "hours": hours, "contract_id": 7}
        for place, (version, state, hours) in enumerate(lines)
    ]
    data = {"annex_id": 1, "year": 2026, "month": number, "lines": of_contract}
    return "fr.cadran.monthly-state.declared.v1", source, rank, revision, data


def withdrawn(event: Event, revision: int) -> Event:
    return event[0].replace("declared", "withdrawn"), event[1], event[2], revision, event[4]


def structure(revision: int, insee: str) -> Event:
    data = {"structure_id": 5, "insee_code": insee}
    return "fr.cadran.structure.declared.v1", "asp", 1, revision, data


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


WEBINAR = [
    annex(1, "28"),
    structure(2, "54395"),
    *(
        month(10 + number, number, (1, "VALIDE", f"{etp}00"))
        for number, etp in zip(range(3, 9), (5, 10, 20, 20, 20, 28), strict=True)
    ),
]


def test_the_webinars_figures() -> None:
    (row,) = rows(fold(WEBINAR, TODAY)["annexes"])
    assert row["annual_contracted_etp"] == "23.333333"
    assert row["realised_etp_mean"] == "17.166667"
    assert row["realised_annual_etp"] == "8.583333"
    assert row["used_amount"] == "103000.00"
    assert (row["department"], row["region"]) == ("54", "Grand Est")


def test_any_order_and_repetition_of_events_gives_the_same_tables() -> None:
    events = [
        *WEBINAR,
        annex(3, "12"),
        annex(30, "10", amendment_id=11, amendment=1),
        annex(31, "11", amendment_id=12, amendment=2, state="SAISI"),
        structure(32, "13055"),
        month(33, 3, (1, "VALIDE", "700"), (2, "VALIDE", "600"), (2, "VALIDE", "50.5")),
        month(34, 4, (1, "SAISI", "400"), source="editor", rank=2),
        withdrawn(WEBINAR[3], 35),
        withdrawn(WEBINAR[4], 36),
        month(37, 6, (1, "VALIDE", "200"), (1, "DEBLOQUE", "300")),
    ]
    expected = fold(events, TODAY)
    by_month = {int(row["month"]): row for row in rows(expected["annex-months"])}
    assert {number: row["hours"] for number, row in by_month.items() if row["state"]} == {
        3: "650.50",
        4: "400.00",
        6: "500.00",
        7: "2000.00",
        8: "2800.00",
    }
    assert [number for number, row in by_month.items() if row["late"] == "true"] == [4, 5, 6]
    (row,) = rows(expected["annexes"])
    assert (row["amendment"], row["contracted_etp"], row["department"]) == ("1", "10.000000", "13")
    assert (row["validated_months"], row["class"]) == ("3", "sur-consommation")
    draw = random.Random(20181022)
    for _ in range(50):
        shuffled = events + draw.sample(events, 5)
        draw.shuffle(shuffled)
        assert fold(shuffled, TODAY) == expected


def test_the_best_rank_counts_until_it_is_withdrawn() -> None:
    editors = month(50, 3, (1, "SAISI", "900"), source="editor", rank=2)
    (asp, *_) = [event for event in WEBINAR if event[4].get("month") == 3]
    assert fold([*WEBINAR, editors], TODAY) == fold(WEBINAR, TODAY)
    without = [event for event in WEBINAR if event is not asp]
    assert fold([*WEBINAR, editors, withdrawn(asp, 51)], TODAY) == fold([*without, editors], TODAY)


@pytest.mark.parametrize(
    ("posts", "etp", "named"),
    [
        ("0", "5", "hors convention"),
        ("10", None, "non déclaré"),
        ("10", "9.9", "conforme"),
        ("10", "10.1", "conforme"),
        ("10", "9.89", "sous-consommation"),
        ("10", "10.11", "sur-consommation"),
    ],
)
def test_classes(posts: str, etp: str | None, named: str) -> None:
    declared = [] if etp is None else [month(2, 3, (1, "VALIDE", str(Decimal(etp) * 100)))]
    (row,) = rows(fold([annex(1, posts), *declared], TODAY)["annexes"])
    assert row["class"] == named
