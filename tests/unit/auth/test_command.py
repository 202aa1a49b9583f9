"""`cadran token`, `cadran routes`, `cadran openapi`."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest
import typer
from fastapi import APIRouter, FastAPI
from typer.testing import CliRunner

from cli.access import register
from shared.auth.access import Access, requires
from shared.auth.keys import create_key_pairs, load_verification_key
from shared.auth.roles import Principal, Role
from shared.auth.tokens import verify
from shared.web.app import create_web_app

RUNNER = CliRunner()


def web_apps() -> Mapping[str, FastAPI]:
    made = create_web_app("Etp", "Essai")
    router = APIRouter(prefix="/v1")

    @router.get("/annexes", dependencies=[requires(Access.of(Role.DGEFP, Role.CD))])
    async def annexes() -> list[int]:
        return []

    made.include_router(router)
    return {"etp": made}


@pytest.fixture
def command(tmp_path: Path) -> typer.Typer:
    app = typer.Typer()
    register(app, secrets_folder=lambda: tmp_path, web_apps=web_apps)
    return app


@pytest.mark.parametrize(
    ("options", "principal"),
    [
        (["--role", "public"], Principal(Role.PUBLIC)),
        (["--role", "dgefp"], Principal(Role.DGEFP)),
        (["--role", "cd", "--department", "2a"], Principal(Role.CD, department="2A")),
        (["--role", "dreets", "--region", "Corse"], Principal(Role.DREETS, region="Corse")),
        (
            ["--role", "siae", "--structure", "12", "--structure", "7"],
            Principal(Role.SIAE, structures=frozenset({7, 12})),
        ),
        (["--role", "source", "--source", "asp"], Principal(Role.SOURCE, source="asp")),
    ],
)
def test_a_token_alone_on_stdout(
    command: typer.Typer, tmp_path: Path, options: list[str], principal: Principal
) -> None:
    create_key_pairs(tmp_path)
    result = RUNNER.invoke(command, ["token", *options])
    assert (result.exit_code, result.stderr) == (0, "")
    token = result.stdout.removesuffix("\n")
    assert verify(token, load_verification_key(tmp_path), datetime.now(UTC)) == principal


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ([], "rôle inconnu"),
        (["--role", "roi"], "rôle inconnu"),
        (["--role", "siae"], "demande au moins une structure"),
        (["--role", "cd"], "demande un département"),
        (["--role", "cd", "--department", "00"], "ce département n'existe pas"),
        (["--role", "ddets", "--region", "Corse"], "demande un département"),
        (["--role", "dreets", "--region", "Lorraine"], "cette région n'existe pas"),
        (["--role", "dgefp", "--department", "54"], "ne prend pas un département"),
        (["--role", "siae", "--structure", "x1"], "nombre positif"),
        (["--role", "siae", "--structure", "9" * 6000], "nombre positif"),
        (["--role", "source"], "demande une source"),
    ],
)
def test_a_wrong_scope_is_refused_in_french(
    command: typer.Typer, tmp_path: Path, options: list[str], words: str
) -> None:
    create_key_pairs(tmp_path)
    result = RUNNER.invoke(command, ["token", *options])
    assert (result.exit_code, result.stdout) == (2, "")
    assert words in result.stderr


def test_a_machine_without_the_key_is_told_so(command: typer.Typer) -> None:
    result = RUNNER.invoke(command, ["token", "--role", "dgefp"])
    assert (result.exit_code, result.stdout) == (3, "")
    assert "cadran up" in result.stderr


def test_routes(command: typer.Typer) -> None:
    result = RUNNER.invoke(command, ["routes", "--json"])
    assert result.exit_code == 0
    assert json.loads(result.stdout) == {
        "rows": [
            {"method": "GET", "path": "/etp/v1/annexes", "scope": "cd dgefp"},
            {"method": "GET", "path": "/etp/v1/openapi.json", "scope": "public"},
        ]
    }
    assert "/etp/v1/annexes" in RUNNER.invoke(command, ["routes"]).stdout


def test_openapi_is_written_then_checked(command: typer.Typer, tmp_path: Path) -> None:
    output = tmp_path / "docs" / "openapi.json"
    options = ["openapi", "--output", str(output)]
    assert RUNNER.invoke(command, [*options, "--check"]).exit_code == 1
    assert RUNNER.invoke(command, options).exit_code == 0
    assert RUNNER.invoke(command, [*options, "--check"]).exit_code == 0
    document = json.loads(output.read_text("utf-8"))
    assert list(document["paths"]) == ["/etp/v1/annexes"]
    assert "ProblemDocument" in document["components"]["schemas"]
    output.write_text(output.read_text("utf-8").replace("annexes", "annex"), "utf-8")
    assert RUNNER.invoke(command, [*options, "--check"]).exit_code == 1
