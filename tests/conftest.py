"""Fixtures of every test: the real servers, started once when a test first asks for them."""

from collections.abc import Iterator

import pytest

from tests.servers import Servers, start_servers


@pytest.fixture(scope="session")
def servers() -> Iterator[Servers]:
    """Shared by the whole run: a module takes a topic prefix and a database of its own."""
    with start_servers() as running:
        yield running
