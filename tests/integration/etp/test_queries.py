"""feed-mini's three deliveries: the exports as of each, to the byte, whatever came after."""

from datetime import date
from pathlib import Path

import pytest

from services.etp.exports.files import EXPORTS, export_csv
from services.etp.queries.selection import Selection
from shared.database.reads import LATEST
from tests.integration.etp.mini_feed import DELIVERIES, FEED_MINI
from tests.projected import Projected

TODAY = date(2026, 11, 22)
TABLES = ("annexes", "annex-months", "structures", "territories")


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize(("as_of", "delivery"), [(1, 0), (2, 1), (3, 2), (LATEST, 2)])
async def test_each_export_is_the_expected_file(
    deliveries: Projected, tmp_path: Path, table: str, as_of: int, delivery: int
) -> None:
    out = tmp_path / "out.csv"
    count = await export_csv(deliveries.pool, table, out, Selection(as_of), TODAY)
    expected = (DELIVERIES[delivery] / "expected" / f"{table}.csv").read_text("utf-8")
    assert out.read_text("utf-8") == expected
    assert count == len(expected.splitlines()) - 1


@pytest.mark.parametrize("table", EXPORTS)
async def test_nothing_was_known_before_the_first_delivery(
    deliveries: Projected, tmp_path: Path, table: str
) -> None:
    out = tmp_path / "out.csv"
    assert await export_csv(deliveries.pool, table, out, Selection(as_of=0), TODAY) == 0


@pytest.mark.parametrize("table", ["annex-months", "structures", "territories"])
async def test_a_year_keeps_its_months(deliveries: Projected, tmp_path: Path, table: str) -> None:
    out = tmp_path / "out.csv"
    await export_csv(deliveries.pool, table, out, Selection(year=2025), TODAY)
    header, *rows = (
        (FEED_MINI / "third-delivery" / "expected" / f"{table}.csv").read_text().split("\n")
    )
    place = header.split(",").index("year")
    kept = [row for row in rows if row and row.split(",")[place] == "2025"]
    assert out.read_text() == "\n".join([header, *kept, ""])


async def test_a_year_keeps_the_annexes_with_a_month_in_it(
    deliveries: Projected, tmp_path: Path
) -> None:
    out = tmp_path / "out.csv"
    await export_csv(deliveries.pool, "annexes", out, Selection(year=2025), TODAY)
    assert [row.split(",")[0] for row in out.read_text().splitlines()[1:]] == [
        "2003",
        "2006",
        "2007",
    ]


async def test_lines_of_no_counted_annex_are_told_apart(
    deliveries: Projected, tmp_path: Path
) -> None:
    out = tmp_path / "out.csv"
    await export_csv(deliveries.pool, "unattributed", out, Selection(), TODAY)
    rows = [row.split(",") for row in out.read_text().splitlines()[1:]]
    assert {(row[0], row[3]) for row in rows} == {
        ("2028", "orphan"),
        ("2999", "orphan"),
        *((str(annex), "not-counted") for annex in (2019, 2020, 2022, 2023, 2024, 2025, 2026)),
    }
