"""The lines of a month that count, their hours and its state (rules 4 and 5)."""

from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.rules.monthly_states import STATES, MonthFigures, MonthLines, month_figures


class Line(NamedTuple):
    id: int
    version: int = 1
    state: str = "VALIDE"
    hours: str = "100"
    contract: int | None = 1
    person: str | None = None


def figures(*lines: Line) -> MonthFigures:
    return month_figures(MonthLines(*zip(*lines, strict=True)))


def test_lines_of_one_version_add_up() -> None:
    found = figures(Line(1, hours="60"), Line(2, hours="200", contract=2), Line(3, hours="96.5"))
    assert found == MonthFigures("VALIDE", mixed_states=False, lines=3, hours=Decimal("356.5"))


def test_of_one_contract_the_highest_version_counts_and_equal_ones_add_up() -> None:
    found = figures(
        Line(1, 2, hours="40"),
        Line(2, 1, "BROUILLON", "60"),
        Line(3, 2, hours="20"),
        Line(4, 1, hours="7", contract=2),
    )
    assert found == MonthFigures("VALIDE", mixed_states=False, lines=3, hours=Decimal(67))


def test_lines_without_contract_go_by_person_apart_from_that_persons_contracts() -> None:
    found = figures(
        Line(1, 3, hours="10", contract=5),
        Line(2, 1, hours="20", contract=None, person="a"),
        Line(3, 2, hours="40", contract=None, person="a"),
        Line(4, 1, hours="80", contract=None, person="b"),
    )
    assert (found.lines, found.hours) == (3, Decimal(130))


def test_the_same_line_and_version_counts_once() -> None:
    same = Line(1, hours="100")
    assert figures(same, same) == figures(same)
    assert figures(same).hours == 100
    again = Line(1, 2, hours="30")
    assert figures(same, again, same, again).hours == 30


def test_one_employees_month_declared_twice() -> None:
    """Worked example: 3 then 4 ETP, versions 1 and 2: 4."""
    base = Fraction(1607, 12)
    three, four = (Line(n, n - 2, hours=f"{n * 134}") for n in (3, 4))
    assert round(Fraction(figures(three, four).hours) / base) == 4


@pytest.mark.parametrize("place", range(len(STATES)))
def test_the_month_takes_its_least_advanced_state(place: int) -> None:
    lines = [Line(n, state=state) for n, state in enumerate(STATES[place:])]
    found = figures(*reversed(lines))
    assert (found.state, found.mixed_states) == (STATES[place], len(lines) > 1)


def test_hours_are_exact_beyond_the_usual_precision() -> None:
    tiny, huge = "0." + "0" * 29 + "1", "9" * 18
    assert figures(Line(1, hours=tiny), Line(2, hours=huge)).hours == Decimal(f"{huge}{tiny[1:]}")


LINES = st.lists(
    st.builds(
        Line,
        id=st.integers(0, 6),
        version=st.integers(1, 3),
        state=st.sampled_from(STATES),
        hours=st.sampled_from(["0", "1", "75.5", "151", "0.01"]),
        contract=st.sampled_from([None, 1, 2]),
        person=st.sampled_from(["a", "b"]),
    ),
    min_size=1,
    max_size=12,
    unique_by=lambda line: (line.id, line.version),
)


@given(LINES, st.randoms(use_true_random=False))
def test_order_and_repetition_change_nothing(lines: list[Line], order: object) -> None:
    expected = figures(*lines)
    shuffled = [*lines, *lines]
    order.shuffle(shuffled)  # type: ignore[attr-defined]
    assert figures(*shuffled) == expected


@given(LINES)
def test_what_counts_is_a_part_of_what_is_delivered(lines: list[Line]) -> None:
    found = figures(*lines)
    delivered = sum(Decimal(line.hours) for line in lines)
    assert 0 <= found.hours <= delivered
    assert 1 <= found.lines <= len(lines)
    one_version = len({line.version for line in lines}) == 1
    assert found.hours == delivered or not one_version


@given(LINES)
def test_each_holder_counts_its_highest_version_alone(lines: list[Line]) -> None:
    def holder(line: Line) -> tuple[object, ...]:
        return ("person", line.person) if line.contract is None else ("contract", line.contract)

    kept = [
        line
        for line in lines
        if line.version == max(o.version for o in lines if holder(o) == holder(line))
    ]
    assert figures(*lines).lines == len(kept)
    assert figures(*lines).hours == sum(Decimal(line.hours) for line in kept)
