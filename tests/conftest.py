"""Fixtures of every test: the real servers, started once when a test first asks for them."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from deploy.local.home import make_secrets
from tests.homes import TestHome, new_home
from tests.servers import Servers, start_servers

settings.register_profile("dev", deadline=None)
settings.register_profile("ci", deadline=None, max_examples=50, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") else "dev")


@pytest.fixture(scope="session")
def servers() -> Iterator[Servers]:
    """Shared by the whole run: a module takes a topic prefix and a database of its own."""
    with start_servers() as running:
        yield running


@pytest.fixture(scope="session")
def secrets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The secrets of every home of the run: PostgreSQL's roles belong to the whole server."""
    folder = tmp_path_factory.mktemp("secrets")
    make_secrets(folder)
    return folder


@pytest.fixture(scope="module")
def home(
    servers: Servers,
    secrets: Path,
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[TestHome]:
    """A provisioned home whose workers the module starts itself."""
    name = re.sub(r"[^a-z0-9]", "", request.module.__name__.rpartition("test_")[2])
    with new_home(servers, secrets, tmp_path_factory.mktemp(name) / "home", name) as made:
        yield made
