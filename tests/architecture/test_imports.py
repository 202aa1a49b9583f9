"""The import rules of the design hold, and each of them can fail."""

import subprocess
import sys
from collections.abc import Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any

import grimp
import pytest
from importlinter import api
from importlinter.application import use_cases
from importlinter.domain.contract import Contract, registry

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def options() -> Mapping[str, Any]:
    """`[tool.importlinter]`: what `lint-imports` reads."""
    return api.read_configuration(str(ROOT / "pyproject.toml"))


@pytest.fixture(scope="module")
def graph(options: Mapping[str, Any]) -> grimp.ImportGraph:
    return grimp.build_graph(
        *options["session_options"]["root_packages"],
        include_external_packages=True,
        cache_dir=None,
    )


@pytest.fixture(scope="module")
def contracts(options: Mapping[str, Any]) -> Mapping[str, Contract]:
    use_cases._register_contract_types(use_cases.read_user_options(str(ROOT / "pyproject.toml")))
    return {
        entry["id"]: registry.get_contract_class(entry["type"])(
            name=entry["name"],
            session_options=options["session_options"],
            contract_options={
                key: value for key, value in entry.items() if key not in {"id", "name", "type"}
            },
        )
        for entry in options["contracts_options"]
    }


def is_kept(contract: Contract, graph: grimp.ImportGraph, *imports: tuple[str, str]) -> bool:
    """Does the contract hold once `imports` (importer, imported) are added to the graph?"""
    changed = deepcopy(graph)
    for importer, imported in imports:
        for module in (importer, imported):
            if module not in changed.modules:
                external = module.partition(".")[0] not in {"cli", "deploy", "services", "shared"}
                changed.add_module(module, is_squashed=external)
        changed.add_import(
            importer=importer, imported=imported, line_number=1, line_contents="import bad"
        )
    return contract.check(changed, verbose=False).kept


def test_every_rule_of_the_design_is_a_contract_and_holds(
    contracts: Mapping[str, Contract], graph: grimp.ImportGraph
) -> None:
    kept = {name: is_kept(contract, graph) for name, contract in contracts.items()}
    assert kept == dict.fromkeys(
        [
            "services-independent",
            "shared-below",
            "cli-above",
            "service-layers",
            "pure",
            "aiokafka",
            "faststream",
            "database",
        ],
        True,
    )


@pytest.mark.parametrize(
    ("rule", "importer", "imported"),
    [
        ("services-independent", "services.etp.projection", "services.ingest.tables"),
        ("services-independent", "services.ingest.app", "services.etp.domain.lateness"),
        ("shared-below", "shared.kafka.worker", "services.etp.settings"),
        ("shared-below", "shared.settings", "deploy.local.home"),
        ("shared-below", "shared.web.app", "cli.context"),
        ("cli-above", "deploy.local.stack", "cli.context"),
        ("cli-above", "services.etp.app", "cli.main"),
        ("service-layers", "services.ingest.worker", "services.ingest.app"),
        ("service-layers", "services.ingest.documents", "services.ingest.worker"),
        ("service-layers", "services.etp.tables", "services.etp.projection"),
        ("service-layers", "services.etp.domain.lateness", "services.etp.tables"),
        ("service-layers", "services.ingest.domain.documents", "services.ingest.readers"),
        ("pure", "services.etp.domain.lateness", "sqlalchemy"),
        ("pure", "services.ingest.domain.documents", "structlog"),
        ("pure", "services.etp.domain.lateness", "shared.settings"),
        ("pure", "services.etp.domain.lateness", "services.etp.settings"),
        ("pure", "shared.rules.months", "sqlalchemy"),
        ("pure", "shared.contracts.fields", "fastapi"),
        ("pure", "shared.contracts.fields", "shared.kafka.topics"),
        ("aiokafka", "services.ingest.worker", "aiokafka"),
        ("aiokafka", "shared.web.probes", "aiokafka"),
        ("aiokafka", "cli.projections", "aiokafka"),
        ("faststream", "services.etp.projection", "faststream"),
        ("faststream", "cli.serve", "faststream"),
        ("database", "services.etp.app", "asyncpg"),
        ("database", "services.ingest.load", "asyncpg"),
        ("database", "services.ingest.worker", "sqlalchemy"),
        ("database", "shared.kafka.relay", "asyncpg"),
        ("database", "cli.load", "asyncpg"),
    ],
)
def test_a_forbidden_import_breaks_its_rule(
    contracts: Mapping[str, Contract],
    graph: grimp.ImportGraph,
    rule: str,
    importer: str,
    imported: str,
) -> None:
    assert not is_kept(contracts[rule], graph, (importer, imported))


@pytest.mark.parametrize(
    ("rule", "importer", "imported"),
    [
        ("aiokafka", "shared.kafka.slices", "aiokafka"),
        ("faststream", "services.ingest.worker", "faststream"),
        ("database", "services.etp.projection", "asyncpg"),
        ("database", "services.ingest.documents", "asyncpg"),
        ("database", "services.etp.queries.annexes", "asyncpg"),
        ("service-layers", "services.etp.app", "services.etp.domain.lateness"),
    ],
)
def test_an_allowed_import_breaks_nothing(
    contracts: Mapping[str, Contract],
    graph: grimp.ImportGraph,
    rule: str,
    importer: str,
    imported: str,
) -> None:
    assert is_kept(contracts[rule], graph, (importer, imported))


def test_a_module_without_a_place_breaks_the_layers(
    contracts: Mapping[str, Contract], graph: grimp.ImportGraph
) -> None:
    added = ("services.etp.helpers", "shared.settings")
    assert not is_kept(contracts["service-layers"], graph, added)


def test_indirect_imports_count_for_pure_modules(
    contracts: Mapping[str, Contract], graph: grimp.ImportGraph
) -> None:
    chain = (("shared.contracts.ids", "shared.clock"), ("shared.clock", "structlog"))
    assert not is_kept(contracts["pure"], graph, *chain)


def loaded(module: str) -> set[str]:
    """The modules of a process that imports this one."""
    asked = [sys.executable, "-c", f"import sys, {module}; print(*sys.modules)"]
    done = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_a_command_starts_without_a_framework() -> None:
    assert loaded("cli.main") & {"fastapi", "faststream", "polars", "sqlalchemy"} == set()


def test_a_worker_starts_without_the_other_services() -> None:
    of_services = {name for name in loaded("cli.processes") if name.startswith("services.")}
    assert [name for name in of_services if name.endswith(".app")] == []
