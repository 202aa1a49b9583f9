"""The budget of data faults, and the backoff after the infrastructure's."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.kafka.partitions import FIRST_DELAY, LONGEST_DELAY, Budget, PartitionState
from shared.kafka.records import Outcome

A, R, S, N = Outcome.APPLIED, Outcome.REJECTED, Outcome.STALE, Outcome.NOT_FOR_US
OUTCOMES = st.lists(st.sampled_from(list(Outcome)), max_size=40)


@given(st.integers(0, 10_000), st.floats(0, 1e9))
def test_the_wait_grows_with_jitter_and_is_bounded(attempts: int, now: float) -> None:
    state = PartitionState(Budget(), attempts=attempts)
    delay = state.park(now)
    ceiling = min(LONGEST_DELAY, FIRST_DELAY * 2.0 ** min(attempts, 16))
    assert ceiling / 2 <= delay <= ceiling
    assert state.retry_at == now + delay
    assert state.parked
    assert state.attempts == attempts + 1


def test_waits_differ_so_that_partitions_do_not_come_back_together() -> None:
    delays = {PartitionState(Budget(), attempts=5).park(0.0) for _ in range(20)}
    assert len(delays) > 1


def test_a_success_forgets_the_infrastructures_faults_only() -> None:
    state = PartitionState(Budget(in_a_row=9), gap=(3, 5), attempts=7, lock_timeouts=2)
    state.spend([R, R])
    state.succeeded(42)
    assert (state.next_offset, state.attempts, state.lock_timeouts, state.gap) == (42, 0, 0, None)
    assert state.refused_in_a_row == 2
    assert state.park(0.0) <= FIRST_DELAY


def test_a_partition_is_parked_while_it_waits_or_is_stopped() -> None:
    state = PartitionState(Budget())
    assert not state.parked
    state.retry_at = 0.0
    assert state.parked
    state.retry_at, state.stopped = None, "à vérifier"
    assert state.parked


@pytest.mark.parametrize(
    ("outcomes", "told"),
    [
        ([R, R], None),
        ([R, R, R], "3 enregistrements illisibles de suite"),
        ([R, R, A, R, R], None),
        ([R, R, N, R], None),
        ([R, R, S, R, R, R, R], "4 enregistrements illisibles de suite"),
    ],
)
def test_so_many_in_a_row_stop(outcomes: list[Outcome], told: str | None) -> None:
    assert PartitionState(Budget(in_a_row=3)).spend(outcomes) == told


@pytest.mark.parametrize(
    ("outcomes", "told"),
    [
        ([R, A, R, A, R], None),
        ([R, A, R, A, R, A], "3 enregistrements illisibles sur 6"),
        ([R, A, R, A, A, A], None),
        ([R, R, A, A, A, A, R, A], None),
        ([A] * 50 + [R, A, R, A, R], "3 enregistrements illisibles sur 6"),
    ],
)
def test_so_large_a_share_of_a_full_window_stops(outcomes: list[Outcome], told: str | None) -> None:
    assert PartitionState(Budget(in_a_row=99, window=6, share=0.5)).spend(outcomes) == told


@given(st.lists(OUTCOMES, max_size=6), st.integers(1, 6), st.integers(1, 12), st.floats(0.1, 1))
def test_the_budget_does_not_depend_on_where_slices_are_cut(
    parts: list[list[Outcome]], in_a_row: int, window: int, share: float
) -> None:
    budget = Budget(in_a_row, window, share)
    whole, cut = PartitionState(budget), PartitionState(budget)
    told = whole.spend([outcome for part in parts for outcome in part])
    told_by_parts = [reason for part in parts if (reason := cut.spend(part)) is not None]
    assert (told is None) == (not told_by_parts)
    assert (cut.refused_in_a_row, cut.recent) == (whole.refused_in_a_row, whole.recent)
    assert len(whole.recent) <= window


@given(OUTCOMES.map(lambda outcomes: [o for o in outcomes if o is not R]))
def test_sound_records_cost_nothing(outcomes: list[Outcome]) -> None:
    assert PartitionState(Budget(1, 1, 0.01)).spend(outcomes) is None


def test_nothing_is_ever_tolerated_for_ever() -> None:
    """100 % invalid, by slices of any size: the default budget stops within 100 records."""
    state = PartitionState(Budget())
    told = [state.spend([R]) for _ in range(100)]
    assert told[:99] == [None] * 99
    assert told[99] == "100 enregistrements illisibles de suite"


def test_a_good_record_after_too_many_refused_ones_does_not_hide_them() -> None:
    state = PartitionState(Budget(in_a_row=3, window=100))
    outcomes = [Outcome.REJECTED] * 3 + [Outcome.APPLIED]
    assert state.spend(outcomes) == "3 enregistrements illisibles de suite"


@given(OUTCOMES, OUTCOMES, st.integers(1, 6), st.integers(1, 12), st.floats(0.1, 1))
def test_a_trial_tells_the_record_that_would_spend_the_budget_and_spends_nothing(
    before: list[Outcome], after: list[Outcome], in_a_row: int, window: int, share: float
) -> None:
    state, other = (PartitionState(Budget(in_a_row, window, share)) for _ in range(2))
    state.spend(before)
    other.spend(before)
    left = (state.refused_in_a_row, state.refused_recently, list(state.recent))
    is_spent = state.trial()
    told = [is_spent(outcome is R) for outcome in after]
    assert told == [other.spend([outcome]) is not None for outcome in after]
    assert (state.refused_in_a_row, state.refused_recently, list(state.recent)) == left
