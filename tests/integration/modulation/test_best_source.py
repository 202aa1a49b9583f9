"""The socle is what the best source that holds an annex says; contracts of an editor are told."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import pytest

from services.modulation.exports.indicators import IndicatorRow, indicators
from shared.contracts.exit_v1 import ExitDeclared
from shared.contracts.financial_annex_v1 import FinancialAnnexDeclared
from shared.database.reads import snapshot
from shared.kafka.records import Event
from tests.integration.modulation.territory import annex, employment
from tests.projected import Projected, event

EDITOR: dict[str, Any] = {"source": "editor", "rank": 2}
ASPS = annex(1, "ACI054260001", "ACI_DC", "1820")
LATE = ASPS.model_copy(
    update={"amendment_id": 11, "amendment": 1, "received_on": date(2027, 1, 15)}
)


def editors(**changes: Any) -> FinancialAnnexDeclared:
    """A version of the ASP's annex, elsewhere and thirty times as large."""
    changed = {"annex_number": "ACI02A260001", "total_amount": "3000000", **changes}
    return ASPS.model_copy(update=changed)


async def row_of(projected: Projected, events: Sequence[Event]) -> IndicatorRow:
    await projected.clear()
    await projected.declare(events)
    async with snapshot(projected.pool) as connection:
        (row,) = await indicators(connection, 2026, date(2027, 1, 31), {})
    return row


@pytest.mark.parametrize(
    "events",
    [
        [event(ASPS, 1), event(editors(amendment_id=12, amendment=2), 9, **EDITOR)],
        [
            event(ASPS, 1),
            event(LATE, 2),
            event(editors(amendment_id=9, amendment=0, renewal=0), 9, **EDITOR),
        ],
        [
            event(ASPS.model_copy(update={"state": "HISTORISE"}), 1),
            event(LATE, 2),
            event(editors(amendment_id=100, amendment=0), 9, **EDITOR),
        ],
    ],
    ids=["amended", "late", "late-superseded"],
)
async def test_an_editors_version_brings_nothing_to_an_annex_that_the_asp_holds(
    projected: Projected, events: Sequence[Event]
) -> None:
    row = await row_of(projected, events)
    assert (row.socle_eur_cents, row.department) == (10_000_000, "54")
    assert "provisional_annex" not in (row.controls or "")


async def test_an_annex_of_an_editor_alone_counts_and_is_a_control_to_clear(
    projected: Projected,
) -> None:
    row = await row_of(projected, [event(editors(), 9, **EDITOR)])
    assert (row.socle_eur_cents, row.department) == (300_000_000, "2A")
    assert "provisional_annex" in (row.controls or "").split()


async def test_an_exit_of_an_editor_alone_counts_and_is_a_control_to_clear(
    projected: Projected,
) -> None:
    hired = employment(1, 0, "ACI_DC", rsa="NON", year=2026)
    out = ExitDeclared(
        contract_id=hired.contract_id, structure_id=1, left_on=date(2026, 11, 30), reason="INACTIF"
    )
    of_asp = [event(ASPS, 1), event(hired, 2), event(out, 3)]
    assert "provisional_contract" not in ((await row_of(projected, of_asp)).controls or "")
    row = await row_of(projected, [event(ASPS, 1), event(hired, 2), event(out, 3, **EDITOR)])
    assert row.definitive_exits == 1
    assert "provisional_contract" in (row.controls or "").split()
