"""Stays: which contracts go on with which, read from the text."""

from datetime import date
from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from services.modulation.domain.facts import Employment, Exit
from services.modulation.domain.stays import OPEN, stays
from tests.unit.modulation.facts import ACI, EI, contract, hours, left, structure


def chains(employments: list[Employment], exits: list[Exit] | None = None) -> list[list[int]]:
    """The contracts of each stay, in the order of first hires."""
    found = stays(structure(employments=employments, exits=exits or []))
    return [list(stay.contract_ids) for stay in sorted(found, key=lambda stay: stay.hired_on)]


def test_a_hire_the_day_after_goes_on_and_two_days_after_begins_anew() -> None:
    first = contract(1, "2026-01-01", "2026-03-31")
    assert chains([first, contract(2, "2026-04-01", "2026-06-30")]) == [[1, 2]]
    assert chains([first, contract(2, "2026-04-02", "2026-06-30")]) == [[1], [2]]


def test_a_renewal_goes_on_whatever_the_gap() -> None:
    first = contract(1, "2025-01-01", "2025-03-31")
    assert chains([first, contract(2, "2026-01-01", "2026-06-30", renewal=1)]) == [[1, 2]]
    assert chains([contract(2, "2026-01-01", "2026-06-30", renewal=1)]) == [[2]]


def test_a_contract_ends_on_its_definitive_exit_before_its_planned_end() -> None:
    planned = [contract(1, "2026-01-01", "2026-06-30"), contract(2, "2026-05-01", "2026-12-31")]
    assert chains(planned) == [[1, 2]]
    assert chains(planned, [left(1, "2026-03-31")]) == [[1], [2]]
    assert chains(planned, [left(1, "2026-04-30")]) == [[1, 2]]


def test_an_open_contract_is_never_over() -> None:
    kept = [contract(1, "2020-01-01"), contract(2, "2026-05-01", "2026-12-31")]
    assert chains(kept) == [[1, 2]]
    (stay,) = stays(structure(employments=kept))
    assert stay.ends[stay.last] == OPEN
    assert stay.covers(date(2040, 1, 1))


def test_a_long_contract_holds_those_hired_during_it() -> None:
    """The stay's end is the latest end so far, not that of the contract hired last."""
    kept = [
        contract(1, "2026-01-01", "2026-12-31"),
        contract(2, "2026-02-01", "2026-02-28"),
        contract(3, "2026-09-01", "2026-09-30"),
    ]
    assert chains(kept) == [[1, 2, 3]]
    (stay,) = stays(structure(employments=kept))
    assert stay.contracts[stay.last].contract_id == 1


def test_persons_and_rows_are_apart() -> None:
    kept = [
        contract(1, "2026-01-01", "2026-03-31"),
        contract(2, "2026-04-01", "2026-06-30", person="p2"),
        contract(3, "2026-04-02", "2026-06-30", row=EI),
    ]
    assert chains(kept) == [[1], [2], [3]]


def test_a_contract_without_measure_is_of_the_row_of_its_hours() -> None:
    kept = [contract(1, "2026-01-01", "2026-03-31"), contract(2, "2026-04-01", row=None)]
    (stay,) = stays(structure(employments=kept, worked=[hours(2, "10")]))
    assert (stay.contract_ids, stay.row) == ((1, 2), ACI)


def test_of_hours_in_two_rows_the_first_row_is_taken_whatever_their_order() -> None:
    kept = [contract(1, "2026-01-01", row=None)]
    worked = [hours(1, "10", row=EI, annex_id=2002), hours(1, "10")]
    for lines in (worked, worked[::-1]):
        (stay,) = stays(structure(employments=kept, worked=lines))
        assert stay.row == ACI


def test_of_two_contracts_ending_together_the_one_with_an_exit_is_the_last() -> None:
    kept = [contract(1, "2026-01-01", "2026-12-31"), contract(2, "2026-04-01", "2026-06-30")]
    (stay,) = stays(structure(employments=kept, exits=[left(1, "2026-06-30")]))
    assert stay.contracts[stay.last].contract_id == 1


DAYS = st.dates(date(2025, 1, 1), date(2026, 12, 31)).map(date.isoformat)


@st.composite
def careers(draw: st.DrawFn) -> list[Employment]:
    found = []
    for contract_id in range(1, draw(st.integers(2, 6))):
        hired, ends = sorted((draw(DAYS), draw(DAYS)))
        end = draw(st.sampled_from([ends, None]))
        renewal = draw(st.sampled_from([0, 0, 1]))
        found.append(contract(contract_id, hired, end, renewal=renewal))
    return found


@given(careers(), st.randoms(use_true_random=False))
def test_stays_share_the_contracts_and_never_touch(career: list[Employment], random: Any) -> None:
    found = stays(structure(employments=career))
    assert sorted(c for stay in found for c in stay.contract_ids) == list(range(1, len(career) + 1))
    ordered = sorted(found, key=lambda stay: stay.hired_on)
    for stay, following in pairwise(ordered):
        assert (following.hired_on - max(stay.ends)).days > 1
        assert following.contracts[0].renewal == 0
    shuffled = sorted(career, key=lambda _: random.random())
    again = stays(structure(employments=shuffled))
    assert sorted(s.contract_ids for s in again) == sorted(s.contract_ids for s in found)
