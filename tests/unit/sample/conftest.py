"""A mid-sized sample, generated once."""

from collections.abc import Callable
from pathlib import Path

import pytest

from shared.testing.sample.feed import write_feed
from shared.testing.sample.request import sample_request
from tests.unit.sample.reading import MID_SIZED, View, read_view

SEED = 7


@pytest.fixture(scope="session")
def mid_sized(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("mid-sized")
    write_feed(sample_request(MID_SIZED, 1, SEED), folder)
    return folder


@pytest.fixture(scope="session")
def view(mid_sized: Path) -> Callable[[str], View]:
    """A view of the mid-sized sample, by its name."""
    known: dict[str, View] = {}

    def read(name: str) -> View:
        if name not in known:
            known[name] = read_view(mid_sized, name)
        return known[name]

    return read
