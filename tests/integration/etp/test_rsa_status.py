"""The RSA status of contracts: the best source's current one, and nothing more of employments."""

from collections.abc import Sequence
from datetime import date
from itertools import permutations
from typing import Any

import pytest

from services.etp.queries.explanations import read_rsa_statuses
from shared.contracts.employment_v1 import EmploymentDeclared, EmploymentWithdrawn
from shared.database.reads import LATEST, snapshot
from shared.kafka.records import Event
from tests.integration.etp.test_in_force import EDITOR
from tests.projected import Projected, event

PERSON = "5f1d6b0a9c3e47d28b7a60f4c2e1d935"


def contract(revision: int, rsa: str | None, contract_id: int = 7, **origin: Any) -> Event:
    data = EmploymentDeclared(
        contract_id=contract_id,
        structure_id=100,
        person=PERSON,
        measure="ACI_DC",
        hired_on=date(2026, 1, 2),
        rsa=rsa,
        ass=True,
    )
    return event(data, revision, **origin)


def gone(revision: int, **origin: Any) -> Event:
    return event(EmploymentWithdrawn(contract_id=7), revision, **origin)


async def statuses(projected: Projected, as_of: int = LATEST) -> dict[int, str | None]:
    async with snapshot(projected.pool) as connection:
        return await read_rsa_statuses(connection, [7, 8, 7], as_of)


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        ([], {}),
        ([contract(1, "NON")], {7: "NON"}),
        ([contract(1, None)], {7: None}),
        ([contract(1, "NON"), contract(2, "OUI-M")], {7: "OUI-M"}),
        ([contract(1, "NON"), contract(9, "OUI-M", **EDITOR)], {7: "NON"}),
        ([contract(1, "NON"), contract(9, "OUI-M", **EDITOR), gone(2)], {7: "OUI-M"}),
        ([contract(1, "NON"), gone(2)], {}),
        ([contract(1, "NON"), contract(2, "OUI-NM", 8)], {7: "NON", 8: "OUI-NM"}),
    ],
)
async def test_the_best_sources_current_status(
    projected: Projected, events: Sequence[Event], expected: dict[int, str | None]
) -> None:
    for order in permutations(events):
        await projected.clear()
        for single in order:
            await projected.declare([single])
        assert await statuses(projected) == expected


async def test_a_status_is_known_as_of_an_instant(projected: Projected) -> None:
    await projected.clear()
    await projected.declare([contract(1, "NON"), contract(2, "OUI-M"), gone(3)])
    found = [await statuses(projected, as_of) for as_of in range(4)]
    assert found == [{}, {7: "NON"}, {7: "OUI-M"}, {}]


async def test_nothing_else_of_an_employment_is_kept(projected: Projected) -> None:
    await projected.clear()
    await projected.declare([contract(1, "OUI-M")])
    (row,) = await projected.pool.fetch("SELECT * FROM employment_rsa")
    kept = {name: row[name] for name in row.keys() if name != "accepted_at"}  # noqa: SIM118 - a Record
    assert kept == {
        "contract_id": 7,
        "source": "asp",
        "revision": 1,
        "rank": 1,
        "withdrawn": False,
        "structure_id": 100,
        "rsa": "OUI-M",
    }
