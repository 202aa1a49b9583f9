"""docker-compose.yml and the Dockerfile name only what is there (no engine is needed here)."""

import json
import re
from pathlib import Path
from typing import Any

import check_jsonschema  # type: ignore[import-untyped]
import jsonschema
import pytest
import typer
import yaml

from cli.main import app
from deploy.local.home import DATABASE, PASSWORD_FILES
from deploy.local.services import SERVICES
from services.etp.settings import EtpSettings
from services.ingest.settings import IngestSettings
from services.modulation.settings import ModulationSettings
from shared.auth.routes import describe
from shared.settings import ServiceSettings
from shared.web.probes import Probe, probe_app

ROOT = Path(__file__).parents[2]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text("utf-8"))
CONTAINERS: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = {name: service for name, service in CONTAINERS.items() if "build" in service}
DOCKERFILE = (ROOT / "deploy" / "docker" / "Dockerfile").read_text("utf-8")
PYTHON = ROOT / "pyproject.toml"


def routes_of_probes() -> set[str]:
    nothing: Any = None
    app = probe_app(Probe(lambda: None, lambda: None, nothing))
    return {route.path for route in describe(app)}


def shell_words(service: dict[str, Any]) -> str:
    return " ".join(service["command"])


def cadran_commands(service: dict[str, Any]) -> list[list[str]]:
    """The `cadran …` commands of a service, each as its words."""
    if service["command"][0] == "cadran":
        return [service["command"][1:]]
    return [line.split() for line in re.findall(r"^cadran (.+)$", shell_words(service), re.M)]


def test_the_file_is_valid_by_the_compose_specification() -> None:
    folder = Path(check_jsonschema.__file__).parent / "builtin_schemas" / "vendor"
    schema = json.loads((folder / "compose-spec.json").read_text("utf-8"))
    assert list(jsonschema.Draft202012Validator(schema).iter_errors(COMPOSE)) == []


def test_every_process_of_the_local_stack_has_its_container() -> None:
    assert {service.name for service in SERVICES} | {"kafka", "postgres"} <= set(CONTAINERS)
    for service in SERVICES:
        assert tuple(cadran_commands(OURS[service.name])[0][: len(service.command)]) == (
            service.command
        )


@pytest.mark.parametrize("name", sorted(OURS))
def test_build_paths_exist(name: str) -> None:
    build = OURS[name]["build"]
    assert (ROOT / build["context"] / build["dockerfile"]).is_file()


def test_what_the_image_copies_exists_and_reaches_the_engine() -> None:
    kept = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    copied = [
        word for line in re.findall(r"^COPY (.+)$", DOCKERFILE, re.M) for word in line.split()
    ]
    sources = {word for word in copied if not word.startswith("./")}
    assert sources >= {"cli", "deploy", "services", "shared", "requirements.lock"}
    for source in sources:
        assert (ROOT / source).exists()
        assert f"!{source}" in kept


@pytest.mark.parametrize("name", sorted(OURS))
def test_variables_are_settings(name: str) -> None:
    known = {
        f"CADRAN_{field.upper()}"
        for kind in (ServiceSettings, IngestSettings, EtpSettings, ModulationSettings)
        for field in kind.model_fields
    }
    assert set(OURS[name]["environment"]) <= known
    used = set(re.findall(r"CADRAN_[A-Z_]+", shell_words(OURS[name])))
    assert used <= known | {"CADRAN_POSTGRES_ADMIN_DSN"}


def test_the_administrator_s_address_is_read_by_the_command_line() -> None:
    assert "CADRAN_POSTGRES_ADMIN_DSN" in (ROOT / "cli" / "provision.py").read_text("utf-8")


@pytest.mark.parametrize("name", sorted(OURS))
def test_commands_exist_with_their_options(name: str) -> None:
    for words in cadran_commands(OURS[name]):
        command: Any = typer.main.get_command(app)
        rest = words
        while hasattr(command, "commands"):
            word, *rest = rest
            assert word in command.commands
            command = command.commands[word]
        command.make_context(name, rest)


@pytest.mark.parametrize("name", sorted(OURS))
def test_modules_that_are_run_exist(name: str) -> None:
    for command in (OURS[name]["command"], OURS[name].get("healthcheck", {}).get("test", [])):
        if "-m" in command:
            module = command[command.index("-m") + 1]
            assert (ROOT / f"{module.replace('.', '/')}.py").is_file()


@pytest.mark.parametrize("service", [service.name for service in SERVICES])
def test_health_is_asked_of_the_readiness_route(service: str) -> None:
    container = OURS[service]
    address = container["healthcheck"]["test"][-1]
    port, path = re.fullmatch(r"http://127\.0\.0\.1:(\d+)(/.*)", address).groups()  # type: ignore[union-attr]
    assert path == "/readyz"
    assert path in routes_of_probes()
    listening = container["environment"].get("CADRAN_PROBE_PORT") or container["command"][-1]
    assert port == listening


@pytest.mark.parametrize("name", sorted(CONTAINERS))
def test_ports_are_published_on_loopback_alone(name: str) -> None:
    for published in CONTAINERS[name].get("ports", []):
        assert published.startswith("127.0.0.1:")


def test_ports_and_database_are_those_that_servers_listen_on() -> None:
    environment = COMPOSE["x-service"]["environment"]
    kafka, postgres = CONTAINERS["kafka"]["environment"], CONTAINERS["postgres"]["environment"]
    assert f"PLAINTEXT://{environment['CADRAN_KAFKA_BOOTSTRAP']}" in kafka[
        "KAFKA_ADVERTISED_LISTENERS"
    ].split(",")
    assert environment["CADRAN_POSTGRES_DATABASE"] == postgres["POSTGRES_DB"] == DATABASE
    assert environment["CADRAN_POSTGRES_PORT"] == "5432"
    assert Path(postgres["POSTGRES_PASSWORD_FILE"]).name in PASSWORD_FILES
    assert Path(postgres["POSTGRES_PASSWORD_FILE"]).parent == Path(environment["CADRAN_SECRETS"])


def test_volumes_that_are_mounted_are_declared() -> None:
    mounted = {
        volume.partition(":")[0]
        for service in CONTAINERS.values()
        for volume in service.get("volumes", [])
    }
    assert mounted == set(COMPOSE["volumes"])


def test_kafka_is_the_same_version_as_without_docker() -> None:
    pom = (ROOT / "deploy" / "local" / "pom.xml").read_text("utf-8")
    version = re.search(r"<kafka.version>(.+)</kafka.version>", pom)
    assert version is not None
    assert CONTAINERS["kafka"]["image"] == f"apache/kafka:{version[1]}"


def test_the_image_s_python_is_one_that_the_project_accepts() -> None:
    image = re.search(r"^FROM python:(3\.\d+)", DOCKERFILE, re.M)
    assert image is not None
    assert f'requires-python = ">={image[1]}"' in PYTHON.read_text("utf-8")
