"""Fixtures of every test: the real servers, started once when a test first asks for them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.local.home import make_secrets
from tests.servers import Servers, start_servers


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
