"""What every command does without a stack, without a place to write, and how it draws a table."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from cli.main import app

NEED_A_STACK = [
    ["status"],
    ["status", "--json"],
    ["accounts"],
    ["load", "delivery"],
    ["rejects", "id", "out.csv"],
    ["export", "annexes", "out.csv"],
    ["rebuild", "etp", "--check"],
    ["token", "--role", "dgefp"],
    ["clients", "list"],
    ["dead-letters", "list"],
    ["access-log"],
    ["topics", "verify"],
    ["migrate"],
    ["modulation", "indicators", "2026", "out.csv"],
    ["modulation", "exits", "2026", "out.csv"],
]


@pytest.fixture(autouse=True)
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty folder, no stack in it nor in the environment."""
    monkeypatch.setenv("CADRAN_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("CADRAN_KAFKA_BOOTSTRAP", raising=False)
    monkeypatch.chdir(tmp_path)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, arguments)


@pytest.mark.parametrize("arguments", NEED_A_STACK, ids=" ".join)
def test_without_a_stack_a_command_says_so_and_exits_with_3(
    tmp_path: Path, arguments: list[str]
) -> None:
    done = run(*arguments)
    assert (done.exit_code, done.stdout) == (3, ""), done.stderr
    assert f"aucune pile dans {tmp_path / 'home'} : lancez « cadran up »" in done.stderr
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "arguments", [["export", "annexes"], ["rejects", "id"], ["modulation", "exits", "2026"]]
)
def test_a_file_that_cannot_be_written_is_refused_before_a_stack_is_asked(
    tmp_path: Path, arguments: list[str]
) -> None:
    for out in (tmp_path, tmp_path / "nowhere" / "out.csv"):
        done = run(*arguments, str(out))
        assert (done.exit_code, done.stderr) == (2, f"{out} : ce fichier ne peut être écrit\n")


def test_a_table_that_no_terminal_shows_has_every_cell_whole() -> None:
    rows = json.loads(run("routes", "--json").stdout)["rows"]
    drawn = run("routes").stdout
    assert max(len(row["path"]) for row in rows) > 40
    assert all(row["path"] in drawn for row in rows)
