"""A published allocation can be redone from what is published: its columns and group values."""

import csv
from collections import defaultdict
from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from cli.main import app
from services.modulation.domain.allocation.candidates import Candidate
from services.modulation.domain.allocation.groups import allocate
from services.modulation.domain.allocation.methods import Method
from services.modulation.exports.allocation import AwardRow, GroupRow, award_rows, group_row
from shared.web.exports import csv_file
from tests import oracle_allocation as oracle
from tests.unit.modulation.groups import group

Published = Mapping[str, str]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("published")


def published(rows: list[Candidate], method: Method, folder: Path) -> tuple[Path, Path]:
    """The two files of an allocation."""
    out, groups = folder / "out.csv", folder / "groups.csv"
    allocations = allocate(rows, method)
    with csv_file(out, AwardRow) as awards, csv_file(groups, GroupRow) as figures:
        for allocation in allocations:
            awards.write(list(award_rows(allocation)))
            figures.write([group_row(allocation.figures)])
    return out, groups


def read(path: Path) -> list[Published]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def by_group(rows: list[Published]) -> dict[tuple[str, str, str], list[Published]]:
    found = defaultdict(list)
    for row in rows:
        found[row["exercise"], row["region"], row["type"]].append(row)
    return found


@given(group(), st.sampled_from(list(Method)))
def test_amounts_are_redone_from_the_columns(
    folder: Path, rows: list[Candidate], method: Method
) -> None:
    """To the cent: treatment, socle and compared values are enough."""
    out, _ = published(rows, method, folder)
    for of_group in by_group(read(out)).values():
        read_rows = [
            {
                "structure_id": int(row["structure_id"]),
                "treatment": row["treatment"],
                "socle": int(row["socle_eur_cents"]),
                "values": [
                    Fraction(row[f"value{k}"]) if row[f"value{k}"] else None for k in (1, 2, 3)
                ],
            }
            for row in of_group
        ]
        amounts = {int(row["structure_id"]): int(row["amount_eur_cents"]) for row in of_group}
        assert amounts == oracle.redo(read_rows, method)


@given(group(), st.sampled_from(list(Method)))
def test_amounts_follow_from_the_published_level(
    folder: Path, rows: list[Candidate], method: Method
) -> None:
    """With a calculator: level × socle × score under the cap, to the cent that scores of nine
    decimals allow; sums, caps and rates exactly."""
    out, groups = published(rows, method, folder)
    awards = by_group(read(out))
    for figures in read(groups):
        of_group = awards[figures["exercise"], figures["region"], figures["type"]]
        amounts = [int(row["amount_eur_cents"]) for row in of_group]
        compared = [row for row in of_group if row["treatment"] == "COMPARED"]
        assert sum(amounts) == int(figures["envelope_eur_cents"])
        assert len(compared) == int(figures["compared"])
        remainder = sum(int(row["amount_eur_cents"]) for row in compared)
        assert remainder == int(figures["remainder_eur_cents"])
        for row in compared:
            assert_follows(row, figures)
        for row in of_group:
            assert_rate(row)


def assert_follows(row: Published, figures: Published) -> None:
    socle, score = int(row["socle_eur_cents"]), Fraction(row["score"])
    if score or not figures["zero_level"]:
        uncapped = Fraction(figures["water_level"]) * socle * score
    else:
        uncapped = Fraction(figures["zero_level"]) * socle
    slack = 1 + Fraction(socle, 10**9)
    assert abs(int(row["amount_eur_cents"]) - min(uncapped, Fraction(socle // 10))) <= slack
    if row["capped"] == "true":
        assert int(row["amount_eur_cents"]) == socle // 10
    weights = zip(("0.35", "0.40", "0.25"), ("index1", "index2", "index3"), strict=True)
    by_hand = sum(Fraction(weight) * Fraction(row[index]) for weight, index in weights)
    assert abs(by_hand - score) <= Fraction(1, 10**9)


def assert_rate(row: Published) -> None:
    socle = int(row["socle_eur_cents"])
    if not socle:
        assert row["rate_pct"] == ""
        return
    rate = Fraction(100 * int(row["amount_eur_cents"]), socle)
    assert 0 <= rate - Fraction(row["rate_pct"]) < Fraction(1, 10**6)


def test_the_third_worked_example_by_hand(tmp_path: Path) -> None:
    """20 000, 90 000 and 90 000 €: λ × 90 000 € × 8/9 with the λ of the group's file."""
    lines = [f"2027,Corse,ACI,{n},12,{s},{q},10,{q},10,{q},10" for n, s, q in EXAMPLE]
    (tmp_path / "in.csv").write_text("\n".join([HEADER, *lines, ""]), "utf-8")
    paths = [str(tmp_path / name) for name in ("in.csv", "out.csv", "groups.csv")]
    done = CliRunner().invoke(app, ["modulation", "allocate", *paths[:2], "--groups", paths[2]])
    assert done.exit_code == 0
    figures, rows = read(Path(paths[2]))[0], read(Path(paths[1]))
    assert figures["remainder_eur_cents"] == "1000000"
    assert figures["mean1"] == "0.22500000000000000000"
    assert figures["water_level"] == "0.06666666666666666667"
    level = Fraction(figures["water_level"])
    by_hand = [oracle.nearest(level * 9_000_000 * Fraction(score, 9)) for score in (8, 4)]
    assert by_hand == [533_333, 266_667]
    assert [int(row["amount_eur_cents"]) for row in rows] == [200_000, *by_hand]
    assert [row["capped"] for row in rows] == ["true", "false", "false"]


EXAMPLE = ((1, 2_000_000, 9), (2, 9_000_000, 2), (3, 9_000_000, 1))
HEADER = (
    "exercise,region,type,structure_id,months_conventioned,socle_eur_cents,"
    "ind1_num,ind1_den,ind2_num,ind2_den,ind3_num,ind3_den"
)
