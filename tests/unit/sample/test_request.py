"""What may be asked of `cadran sample-feed`, and how the rest is refused."""

from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from cli.sample_feed import register
from shared.testing.sample.months import month_index
from shared.testing.sample.request import SampleRequestError, sample_request

ASKED = ["--structures", "5", "--years", "1", "--seed", "3"]


@pytest.fixture
def cadran() -> typer.Typer:
    app = typer.Typer()
    register(app)
    return app


def test_the_last_month_is_the_one_before_the_stamp_s() -> None:
    assert sample_request(1, 1, 0).last_month == month_index(2026, 10)
    january = sample_request(1, 2, 0, stamp="03012027_000000")
    assert january.last_month == month_index(2026, 12)
    assert january.first_month == month_index(2025, 1)


def test_a_corrected_delivery_is_stamped_later() -> None:
    first, corrected = sample_request(1, 1, 0), sample_request(1, 1, 0, changed_percent=3)
    assert first.stamp == "08112026_063004"
    assert corrected.stamp == "15112026_063011"
    assert first.last_month == corrected.last_month


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ({"structures": 0}, "--structures doit"),
        ({"structures": 10_000}, "--structures doit"),
        ({"years": 0}, "--years doit"),
        ({"years": 11}, "--years doit"),
        ({"changed_percent": 101}, "--changed doit"),
        ({"stamp": "2026-11-08"}, "illisible"),
        ({"stamp": "31022026_063004"}, "n'est pas une date"),
        ({"last_month": "2026-13"}, "illisible"),
        ({"last_month": "2026-11"}, "doit précéder"),
        ({"last_month": "1999-01"}, "entre 2011 et 2099"),
    ],
)
def test_what_cannot_be_generated_is_refused(arguments: dict[str, object], told: str) -> None:
    asked: dict[str, object] = {"structures": 1, "years": 1, "seed": 0} | arguments
    with pytest.raises(SampleRequestError, match=told):
        sample_request(**asked)  # type: ignore[arg-type]


def test_the_command_writes_the_files_and_says_so(cadran: typer.Typer, tmp_path: Path) -> None:
    out = tmp_path / "deep" / "feed"
    done = CliRunner().invoke(cadran, [*ASKED, "--stamp", "01032026_010203", str(out)])
    assert done.exit_code == 0, done.output
    names = sorted(path.name for path in out.iterdir())
    assert len(names) == 10
    assert names[0] == "fluxIAE_AnnexeFinanciere_01032026_010203.csv.gz"
    assert done.stdout == ""
    assert "Structure 5" in done.stderr


@pytest.mark.parametrize("there", ["file", "folder with a file"])
def test_a_folder_in_use_is_refused_and_left_alone(
    cadran: typer.Typer, tmp_path: Path, there: str
) -> None:
    out = tmp_path / "out"
    if there == "file":
        out.write_text("mine")
    else:
        out.mkdir()
        (out / "notes").write_text("mine")
    done = CliRunner().invoke(cadran, [*ASKED, str(out)])
    assert done.exit_code == 2
    assert "n'est pas un dossier vide" in done.stderr
    kept = [path.name for path in tmp_path.rglob("*") if path.is_file()]
    assert kept == (["out"] if there == "file" else ["notes"])


def test_a_folder_that_cannot_be_made_is_refused(cadran: typer.Typer, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    done = CliRunner().invoke(cadran, [*ASKED, str(tmp_path / "file" / "out")])
    assert done.exit_code == 2
    assert "file" in done.stderr


def test_a_number_out_of_bounds_exits_2(cadran: typer.Typer, tmp_path: Path) -> None:
    out = tmp_path / "out"
    asked = ["--structures", "0", "--years", "1", "--seed", "3", str(out)]
    done = CliRunner().invoke(cadran, asked)
    assert done.exit_code == 2
    assert "--structures doit être compris" in done.stderr
    assert not out.exists()
