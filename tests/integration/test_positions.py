"""The fence on a real database: of two owners that read the same position, one moves it."""

import asyncio

import asyncpg
import pytest

from services.etp.database import build_database
from services.etp.settings import EtpSettings
from shared.database.positions import (
    Partition,
    Position,
    advance_position,
    open_position,
    read_position,
)
from tests.homes import TestHome

KEY = Partition("etp.projection", "declarations-v1", 3)


def test_a_second_owner_is_fenced_and_changes_nothing(home: TestHome) -> None:
    async def race() -> tuple[bool, bool, Position | None]:
        database = build_database(home.home.settings(EtpSettings), "test")
        async with database.connection() as one, database.connection() as other:
            await open_position(one, KEY, "cluster", 5)
            await open_position(other, KEY, "another", 9)
            first = await advance_position(one, KEY, 5, 8, {"applied": 3})
            second = await advance_position(other, KEY, 5, 7, {"applied": 2})
            return first, second, await read_position(one, KEY)

    assert asyncio.run(race()) == (True, False, Position("cluster", 5, 8))


def test_an_owner_frozen_behind_the_fence_makes_the_next_one_wait_and_give_up(
    home: TestHome,
) -> None:
    async def blocked() -> None:
        database = build_database(home.home.settings(EtpSettings), "test")
        async with database.connection() as frozen:
            transaction = frozen.transaction()
            await transaction.start()
            assert await advance_position(frozen, KEY, 8, 9, {"applied": 1})
            async with database.connection() as other:
                await advance_position(other, KEY, 8, 10, {"applied": 2})

    with pytest.raises(asyncpg.LockNotAvailableError):
        asyncio.run(blocked())
