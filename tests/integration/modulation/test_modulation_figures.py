"""From the sample deliveries to indicators, exits and allocation, by the command line."""

from fractions import Fraction
from pathlib import Path

import pytest

from tests.homes import TestHome
from tests.oracle_modulation import Year
from tests.results import allocated, as_written, exits, indicators

FEED_MINI = Path(__file__).parents[2] / "data" / "feed-mini"
DELIVERIES = [FEED_MINI, FEED_MINI / "second-delivery", FEED_MINI / "third-delivery"]
YEARS = (2025, 2026)

BY_HAND = {
    (101, "ACI"): (12, 23_921_000, 2, 4, Fraction(8 * 1517, 1820), 0, 0),
    (102, "EI"): (8, 5_321_600, 2, 3, Fraction(6 * 753, 1505), 0, 0),
    (103, "ETTI"): (6, 1_434_300, 3, 5, Fraction(241, 80), 0, 0),
    (104, "AI"): (7, 755_531, 2, 2, Fraction(5359, 1607), 0, 0),
}
"""2026, from the delivery's README: months, socle, indicators 1, 2 (ETP) and 3."""


@pytest.fixture(scope="module")
def loaded(home: TestHome) -> TestHome:
    """Workers running, nothing loaded yet."""
    home.start_workers()
    return home


@pytest.mark.parametrize("delivery", range(3))
def test_indicators_and_exits_are_the_oracles(loaded: TestHome, delivery: int) -> None:
    feed = DELIVERIES[delivery] / "feed"
    loaded.cadran("load", feed, "--wait")
    for year in YEARS:
        expected = Year.of_feed(feed, year)
        assert indicators(loaded, year) == expected.indicators(), year
        assert exits(loaded, year) == as_written(expected.exits), year


def test_the_figures_are_those_of_the_hand(loaded: TestHome) -> None:
    rows = {(row["structure_id"], row["type"]): row for row in indicators(loaded, 2026)}
    for key, figures in BY_HAND.items():
        row = rows[key]
        assert (
            row["months_conventioned"],
            row["socle_eur_cents"],
            row["ind1_num"],
            row["ind1_den"],
            row["ind2_den"],
            row["ind3_num"],
            row["ind3_den"],
        ) == figures, key
        assert row["ind2_num"] is None


def test_one_exit_of_each_category_counts_as_its_own(loaded: TestHome) -> None:
    """Structure 113: durable, transition, positive; unemployed, ended by the employer, a reason
    that nobody knows, none: seven count, three of them well; a court's decision leaves both."""
    (row,) = [row for row in indicators(loaded, 2025) if row["structure_id"] == 113]
    assert (row["ind3_num"], row["ind3_den"]) == (3, 7)
    of_113 = [row for row in exits(loaded, 2025) if row["structure_id"] == "113"]
    assert [row["why"] for row in of_113] == [*["counted"] * 5, "retrait", *["counted"] * 2]


def test_support_hours_given_make_indicator_2(loaded: TestHome, tmp_path: Path) -> None:
    given = tmp_path / "hours.csv"
    given.write_text(
        "structure_id,kind,technical_hours,support_hours\n101,ACI,900,100.5\n999,EI,1,1\n", "utf-8"
    )
    support = {(101, "ACI"): Fraction(2001, 2), (999, "EI"): Fraction(2)}
    found = indicators(loaded, 2026, "--support-hours", given)
    assert found == Year.of_feed(DELIVERIES[2] / "feed", 2026, support).indicators()
    (row,) = [row for row in found if row["structure_id"] == 101]
    assert row["ind2_num"] == Fraction(2001, 2 * 1820)


def test_what_indicators_writes_is_allocated_as_it_is(loaded: TestHome) -> None:
    found = indicators(loaded, 2026)
    shared = allocated(loaded, 2026)
    assert [(row["region"], row["structure_id"]) for row in shared] == [
        (row["region"], str(row["structure_id"])) for row in found
    ]
    placed = [row for row in shared if row["treatment"] != "NONE"]
    assert {row["treatment"] for row in placed} == {"COMPARED", "FLAT"}
    for row in placed:
        assert 0 <= int(row["amount_eur_cents"]) <= int(row["socle_eur_cents"]) // 10
    (unplaced,) = [row for row in shared if not row["region"]]
    assert (unplaced["structure_id"], unplaced["treatment"]) == ("111", "NONE")


def test_json_prints_the_rows(loaded: TestHome, tmp_path: Path) -> None:
    rows = loaded.cadran_json("modulation", "indicators", 2026, tmp_path / "out.csv")["rows"]
    assert rows[0]["region"] is None
    assert rows[0]["controls"] == "unknown_region"
    found = loaded.cadran_json("modulation", "exits", 2025, tmp_path / "exits.csv")["rows"]
    assert found[0]["why"] == "chained"
