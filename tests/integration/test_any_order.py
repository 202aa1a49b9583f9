"""Events in any order, repeated at will: the projection is the pure fold of what was declared."""

import asyncio
import random

import pytest

from shared.settings import ServiceSettings
from tests.events import produce, random_events
from tests.homes import TestHome, wait_for_records
from tests.oracle import fold

TABLES = ("annexes", "annex-months", "structures", "territories")


@pytest.mark.parametrize("seed", [1])
def test_live_is_the_pure_fold_whatever_the_order(home: TestHome, seed: int) -> None:
    rng = random.Random(seed)
    events = random_events(seed)
    sent = [*events, *rng.sample(events, 100)]
    rng.shuffle(sent)
    home.start("etp-worker", "worker", "etp")
    asyncio.run(produce(home.home.settings(ServiceSettings), sent))
    counted = wait_for_records(home, len(sent))
    assert counted["rejected"] == 0
    assert counted["applied"] + counted["stale"] == len(sent)
    expected = fold(events, home.today)
    for table in TABLES:
        assert home.export_text(table) == expected[table], table
