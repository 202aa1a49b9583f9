"""What every command does without a stack, without a place to write, and how it draws a table."""

import errno
import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from cli import context
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


@pytest.mark.parametrize("command", [["migrate"], ["accounts"], ["topics", "verify"]], ids=" ".join)
def test_servers_that_are_away_are_told_and_exit_with_1(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: list[str]
) -> None:
    (tmp_path / "home" / "secrets").mkdir(parents=True)
    for service in ("etp", "ingest", "modulation"):
        (tmp_path / "home" / "secrets" / f"postgres-{service}.password").write_text("x")
    monkeypatch.setenv("CADRAN_SECRETS", str(tmp_path / "home" / "secrets"))
    monkeypatch.setenv("CADRAN_KAFKA_BOOTSTRAP", "127.0.0.1:1")
    monkeypatch.setenv("CADRAN_POSTGRES_HOST", "127.0.0.1")
    monkeypatch.setenv("CADRAN_POSTGRES_PORT", "1")
    monkeypatch.setenv("CADRAN_POSTGRES_ADMIN_DSN", "postgresql://nobody@127.0.0.1:1/none")
    done = run(*command)
    assert done.exit_code == 1, done.stderr
    assert done.stderr.splitlines()[-1].startswith("Kafka ou PostgreSQL ne répond pas (")


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        (OSError(errno.ENOSPC, "full"), "lecture ou écriture impossible (ENOSPC)\n"),
        (ConnectionRefusedError(errno.ECONNREFUSED, "no"), "Kafka ou PostgreSQL ne répond pas"),
    ],
)
def test_a_full_disk_is_not_called_an_absent_server(
    fault: OSError, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    async def work() -> None:
        raise fault

    with pytest.raises(typer.Exit) as stopped:
        context.run(work())
    assert stopped.value.exit_code == context.FAULT
    assert capsys.readouterr().err.startswith(told)
