"""`cadran contracts`."""

import json
import shutil
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from cli.contracts import register
from services.ingest.domain.declarations import Declaration, read_declaration
from services.ingest.domain.declared_rules import refusals
from shared.contracts.generate import FOLDER, generated_files
from shared.contracts.registry import REGISTRY, DocumentType

RUNNER = CliRunner()
RELEASED = Path(__file__).parents[2] / "contract" / "released"


@pytest.fixture
def command() -> typer.Typer:
    app = typer.Typer()
    register(app)
    return app


@pytest.fixture
def released(tmp_path: Path) -> Path:
    """A copy of the published versions, to be changed."""
    return Path(shutil.copytree(RELEASED, tmp_path / "released"))


def verify(command: typer.Typer, *options: str) -> tuple[int, str]:
    result = RUNNER.invoke(command, ["contracts", "verify", *options])
    return result.exit_code, result.stderr


@pytest.mark.parametrize("kind", list(DocumentType))
def test_an_example_is_a_declaration_that_producers_accept(
    command: typer.Typer, kind: DocumentType
) -> None:
    result = RUNNER.invoke(command, ["contracts", "example", kind])
    assert result.exit_code == 0
    declaration = json.loads(result.stdout)
    assert set(declaration) == {"type", "data"}
    assert declaration["type"] == kind
    read = read_declaration(declaration)
    assert isinstance(read, Declaration)
    assert refusals(read) == ()


def test_an_unknown_type_is_refused_in_french(command: typer.Typer) -> None:
    result = RUNNER.invoke(command, ["contracts", "example", "facture"])
    assert (result.exit_code, result.stdout) == (2, "")
    assert "Type de document inconnu : facture" in result.stderr
    assert "monthly-state" in result.stderr


def test_list_names_every_event(command: typer.Typer) -> None:
    rows = json.loads(RUNNER.invoke(command, ["contracts", "list", "--json"]).stdout)["rows"]
    assert [row["type"] for row in rows] == list(REGISTRY)
    assert rows[0] == {
        "type": "fr.cadran.structure.declared.v1",
        "topic": "structures-v1",
        "document": "structure",
    }
    table = RUNNER.invoke(command, ["contracts", "list"]).stdout
    assert [line.split()[0] for line in table.splitlines()] == list(REGISTRY)


def test_what_is_committed_is_verified(command: typer.Typer) -> None:
    code, told = verify(command, "--released", str(RELEASED))
    assert (code, told) == (0, "Contrats à jour et compatibles avec les versions publiées.\n")


def test_a_file_out_of_date_is_told_then_generated(command: typer.Typer, tmp_path: Path) -> None:
    folder = tmp_path / "contracts"
    for name in ("schemas", "examples"):
        shutil.copytree(FOLDER / name, folder / name)
    changed = folder / "schemas" / "fr.cadran.structure.declared.v1.json"
    changed.write_text("{}\n", "utf-8")
    orphan = folder / "examples" / "fr.cadran.invoice.declared.v1.json"
    orphan.write_text("{}\n", "utf-8")
    (folder / "examples" / "fr.cadran.structure.withdrawn.v1.json").unlink()
    options = ["--released", str(RELEASED), "--folder", str(folder)]
    stale = [
        "examples/fr.cadran.invoice.declared.v1.json",
        "examples/fr.cadran.structure.withdrawn.v1.json",
        "schemas/fr.cadran.structure.declared.v1.json",
    ]
    code, told = verify(command, *options)
    assert code == 1
    assert [line.split()[0] for line in told.splitlines()] == stale
    result = RUNNER.invoke(command, ["contracts", "generate", "--folder", str(folder)])
    assert (result.exit_code, result.stdout.split()) == (0, stale)
    assert verify(command, *options)[0] == 0
    assert {str(p.relative_to(folder)) for p in folder.rglob("*.json")} == set(generated_files())


def test_a_narrowing_is_told_with_version_event_and_path(
    command: typer.Typer, released: Path
) -> None:
    path = released / "0.1.0" / "schemas" / "fr.cadran.monthly-state.declared.v1.json"
    schema = json.loads(path.read_text("utf-8"))
    schema["properties"]["month"]["maximum"] = 13
    schema["properties"]["origin"] = {"type": "string"}
    path.write_text(json.dumps(schema), "utf-8")
    code, told = verify(command, "--released", str(released))
    assert code == 1
    event = "0.1.0 fr.cadran.monthly-state.declared.v1"
    assert told.splitlines() == [
        f"{event}, month : borne haute resserrée à 12 (refusé aujourd'hui)",
        f"{event}, origin : champ supprimé (refusé aujourd'hui)",
    ]


def test_what_a_released_consumer_would_refuse_is_told(
    command: typer.Typer, released: Path
) -> None:
    path = released / "0.1.0" / "schemas" / "fr.cadran.financial-annex.declared.v1.json"
    schema = json.loads(path.read_text("utf-8"))
    schema["properties"]["state"]["enum"].remove("ANNULE")
    path.write_text(json.dumps(schema), "utf-8")
    code, told = verify(command, "--released", str(released))
    assert code == 1
    assert "state : valeurs retirées : ANNULE (refusé par la version publiée)" in told


def test_an_event_that_disappeared_is_told(command: typer.Typer, released: Path) -> None:
    folder = released / "0.1.0" / "schemas"
    name = "fr.cadran.structure.declared.v1.json"
    (folder / "fr.cadran.invoice.declared.v1.json").write_text((folder / name).read_text("utf-8"))
    assert verify(command, "--released", str(released)) == (
        1,
        "0.1.0 fr.cadran.invoice.declared.v1 : événement supprimé\n",
    )


def test_without_a_published_version_nothing_is_verified(
    command: typer.Typer, tmp_path: Path
) -> None:
    code, told = verify(command, "--released", str(tmp_path))
    assert code == 3
    assert "Aucune version publiée" in told
