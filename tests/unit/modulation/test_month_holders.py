"""A declared month as the modulation keeps it: validated or not, hours by contract or person."""

from decimal import Decimal

import pytest

from shared.rules.monthly_states import Holder, MonthLines, is_validated, month_holders


def lines(*rows: tuple[int, int, str, str, int | None, str | None]) -> MonthLines:
    """Rows of id, version, state, hours, contract, person."""
    return MonthLines(*(list(column) for column in zip(*rows, strict=True)))


def test_hours_of_the_lines_that_count_are_summed_by_contract_and_by_person() -> None:
    state, holders = month_holders(
        lines(
            (1, 1, "VALIDE", "40", 7, None),
            (2, 2, "VALIDE", "60.5", 7, None),
            (3, 2, "VALIDE", "0.25", 7, None),
            (4, 1, "VALIDE", "10", None, "a"),
            (5, 1, "VALIDE", "0", 8, "b"),
        )
    )
    assert state == "VALIDE"
    assert holders == [
        Holder(7, None, Decimal("60.75")),
        Holder(None, "a", Decimal(10)),
        Holder(8, None, Decimal(0)),
    ]


def test_the_least_advanced_line_that_counts_gives_the_state() -> None:
    rows = [(1, 1, "SAISI", "1", 7, None), (2, 1, "VALIDE", "1", 8, None)]
    assert month_holders(lines(*rows))[0] == "SAISI"
    rows.append((3, 2, "VALIDE", "1", 7, None))
    assert month_holders(lines(*rows))[0] == "VALIDE"


@pytest.mark.parametrize(
    ("state", "rank", "validated"),
    [("VALIDE", 1, True), ("VALIDE", 2, False), ("DEBLOQUE", 1, False)],
)
def test_a_month_is_validated_by_its_state_and_its_source(
    state: str, rank: int, *, validated: bool
) -> None:
    assert is_validated(state, rank) is validated
