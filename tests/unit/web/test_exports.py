"""Conventions of the tables: columns, rounding, CSV and JSON alike, files whole or untouched."""

import json
import os
from datetime import date
from decimal import ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction
from pathlib import Path
from threading import Thread
from typing import Annotated, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.numbers import exact, plain, rounded
from shared.web.exports import (
    DATE,
    ETP,
    FLAG,
    HOURS,
    NUMBER,
    TEXT,
    columns,
    csv_file,
    item,
    item_model,
)


class Row(NamedTuple):
    annex_id: Annotated[int, NUMBER, "Identifiant"]
    class_: Annotated[str | None, TEXT, "Classe"]
    on: Annotated[date | None, DATE, "Jour"]
    etp: Annotated[Fraction | None, ETP, "Effectif"]
    hours: Annotated[Decimal, HOURS, "Heures"]
    late: Annotated[bool, FLAG, "En retard"] = False


FULL = Row(2, 'a,"b"', date(2026, 3, 1), Fraction(12136, 1820), Decimal("0.005"), late=True)
EMPTY = Row(1, None, None, None, Decimal(0))


@pytest.mark.parametrize(
    "text", ["12", "16.50", "0.000000000000000000000000000001", "123456789012345678.5"]
)
def test_a_plain_decimal_loses_no_digit(text: str) -> None:
    assert plain(Decimal(text)) == text
    assert plain(Decimal("1E+3")) == "1000"


def test_an_exact_number_is_an_integer_or_a_fraction() -> None:
    assert [exact(n) for n in (12, Fraction(10), Fraction(18204, 1820))] == ["12", "10", "4551/455"]


@pytest.mark.parametrize(
    ("value", "places", "text"),
    [
        (Fraction(1, 2), 1, "0.5"),
        (Decimal("0.125"), 2, "0.13"),
        (Decimal("2.675"), 2, "2.68"),
        (Decimal("-0.125"), 2, "-0.13"),
        (Decimal("-0.001"), 2, "0.00"),
        (Fraction(2, 3), 6, "0.666667"),
        (10**20, 2, f"{10**20}.00"),
        (Decimal("0.0049999999999999999999999999999999999"), 2, "0.00"),
    ],
)
def test_rounding_is_half_up(value: Decimal | Fraction | int, places: int, text: str) -> None:
    assert rounded(value, places) == text


@given(st.decimals(-(10**9), 10**9, places=9), st.integers(1, 8))
def test_rounding_is_that_of_decimals(value: Decimal, places: int) -> None:
    with localcontext() as context:
        context.prec = 60
        expected = value.quantize(Decimal(10) ** -places, ROUND_HALF_UP)
    assert Decimal(rounded(value, places)) == expected


def test_a_csv_follows_the_conventions(tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    with csv_file(out, Row) as table:
        table.write([EMPTY])
        table.write([FULL])
    assert table.count == 2
    assert out.read_bytes() == (
        b"annex_id,class,on,etp,hours,late\n"
        b"1,,,,0.00,false\n"
        b'2,"a,""b""",2026-03-01,6.668132,0.01,true\n'
    )
    assert list(tmp_path.iterdir()) == [out]


def test_json_has_the_same_texts_and_null_for_undefined() -> None:
    assert item(FULL) == {
        "annex_id": 2,
        "class": 'a,"b"',
        "on": "2026-03-01",
        "late": True,
        "etp": "6.668132",
        "hours": "0.01",
    }
    assert item(EMPTY)["class"] is None
    model = item_model(Row, "Row")
    for row in (FULL, EMPTY):
        assert json.loads(model.model_validate(item(row)).model_dump_json()) == item(row)


def test_columns_tell_what_may_be_undefined() -> None:
    assert [column.name for column in columns(Row) if column.optional] == ["class", "on", "etp"]


def test_a_failed_export_leaves_the_former_file(tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    out.write_text("before")
    with pytest.raises(ValueError, match="shorter"), csv_file(out, Row) as table:
        table.write([FULL, (1,)])
    assert out.read_text() == "before"
    assert list(tmp_path.iterdir()) == [out]


def test_a_link_keeps_pointing_at_the_file_written(tmp_path: Path) -> None:
    target, link = tmp_path / "target.csv", tmp_path / "link.csv"
    target.write_text("before")
    link.symlink_to(target)
    with csv_file(link, Row):
        pass
    assert link.is_symlink()
    assert target.read_text().startswith("annex_id")


def test_a_pipe_is_written_as_it_comes(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    read: list[str] = []
    reader = Thread(target=lambda: read.append(pipe.read_text()))
    reader.start()
    with csv_file(pipe, Row) as table:
        table.write([EMPTY])
    reader.join()
    assert read[0].splitlines()[1] == "1,,,,0.00,false"
    assert pipe.is_fifo()
