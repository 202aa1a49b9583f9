"""`cadran modulation indicators` and `exits`: what is refused before a stack is asked."""

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from cli.main import app

HEADER = "structure_id,kind,technical_hours,support_hours\n"


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["modulation", *map(str, arguments)])


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "structure_id,kind,technical_hours\n",
            "ligne 1, colonne support_hours : colonne absente",
        ),
        (HEADER + "x,ACI,1,1\n", "ligne 2, colonne structure_id : identifiant illisible"),
        (HEADER + "1,EITI,1,1\n", "ligne 2, colonne kind : type sans heures d'accompagnement"),
        (HEADER + "1,ACI,-1,1\n", "ligne 2, colonne technical_hours : nombre d'heures illisible"),
        (HEADER + "1,ACI,1,\n", "ligne 2, colonne support_hours : nombre d'heures illisible"),
        (HEADER + '1,ACI,"1,5",1\n', "ligne 2, colonne technical_hours"),
        (HEADER + "1,ACI,1e3,1\n", "ligne 2, colonne technical_hours"),
        (HEADER + "1,ACI,1,1,1\n", "ligne 2 : 5 cellules au lieu de 4"),
        (
            HEADER + "1,ACI,1,1\n1,AI,1,1\n1,ACI,2,2\n",
            "ligne 4, colonne kind : structure et type déjà ligne 2",
        ),
        ("\x00", "colonne structure_id : colonne absente"),
    ],
)
def test_bad_support_hours_are_refused_and_nothing_is_written(
    tmp_path: Path, text: str, told: str
) -> None:
    given, out = tmp_path / "hours.csv", tmp_path / "out.csv"
    given.write_text(text, "utf-8")
    done = run("indicators", 2026, out, "--support-hours", given)
    assert (done.exit_code, told in done.stderr) == (2, True), done.stderr
    assert "Rien n'est écrit." in done.stderr
    assert not out.exists()


def test_every_fault_of_a_row_is_told(tmp_path: Path) -> None:
    given = tmp_path / "hours.csv"
    given.write_text(HEADER + "x,EITI,a,b\n", "utf-8")
    done = run("indicators", 2026, tmp_path / "out.csv", "--support-hours", given)
    columns = ("structure_id", "kind", "technical_hours", "support_hours")
    assert all(f"colonne {column} " in done.stderr for column in columns)


@pytest.mark.parametrize("command", ["indicators", "exits"])
@pytest.mark.parametrize("year", [0, 9999])
def test_a_year_out_of_the_calendar_is_refused(tmp_path: Path, command: str, year: int) -> None:
    done = run(command, year, tmp_path / "out.csv")
    assert (done.exit_code, "année refusée" in done.stderr) == (2, True)


@pytest.mark.parametrize("command", ["indicators", "exits"])
def test_a_file_that_cannot_be_written_is_refused(tmp_path: Path, command: str) -> None:
    for out in (tmp_path, tmp_path / "nowhere" / "out.csv"):
        done = run(command, 2026, out)
        assert (done.exit_code, "ne peut être écrit" in done.stderr) == (2, True)


def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    done = run("indicators", 2026, tmp_path / "o.csv", "--support-hours", tmp_path / "none.csv")
    assert (done.exit_code, "ne peut être lu" in done.stderr) == (2, True)
