"""Integration tests: a stack per module, on the run's servers."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.homes import TestHome, new_home
from tests.servers import Servers


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
