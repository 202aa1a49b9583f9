"""`select_new`: of each row the revisions that grow, once."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from shared.kafka.projection import Row, RowKey, select_new

ROWS = st.builds(
    Row,
    st.sampled_from(["structure", "month"]),
    st.tuples(st.integers(0, 2)),
    st.integers(0, 5),
    st.just(()),
)
SLICES = st.lists(ROWS, max_size=30)
KNOWN = st.dictionaries(
    st.tuples(st.sampled_from(["structure", "month"]), st.tuples(st.integers(0, 2))),
    st.integers(0, 5),
)


def kept(rows: Sequence[Row], known: dict[RowKey, int]) -> list[Row]:
    return [row for row, new in zip(rows, select_new(rows, known), strict=True) if new]


def held_after(rows: Sequence[Row], known: dict[RowKey, int]) -> dict[RowKey, int]:
    """The table after the slice, where new rows replace those of their key."""
    return {**known, **{row.identity: row.revision for row in kept(rows, known)}}


@given(SLICES, KNOWN)
def test_what_is_held_is_the_highest_revision_ever_seen(
    rows: list[Row], known: dict[RowKey, int]
) -> None:
    highest = dict(known)
    for row in rows:
        highest[row.identity] = max(row.revision, highest.get(row.identity, -1))
    assert held_after(rows, known) == highest


@given(SLICES, KNOWN)
def test_a_slice_that_comes_again_changes_nothing(
    rows: list[Row], known: dict[RowKey, int]
) -> None:
    assert kept(rows, held_after(rows, known)) == []


@given(SLICES, SLICES, KNOWN)
def test_where_the_slice_is_cut_does_not_matter(
    first: list[Row], second: list[Row], known: dict[RowKey, int]
) -> None:
    apart = kept(first, known) + kept(second, held_after(first, known))
    assert apart == kept([*first, *second], known)


@given(SLICES, KNOWN, st.randoms(use_true_random=False))
def test_any_order_holds_the_same(rows: list[Row], known: dict[RowKey, int], order: object) -> None:
    shuffled = list(rows)
    order.shuffle(shuffled)  # type: ignore[attr-defined]
    assert held_after(shuffled, known) == held_after(rows, known)


@given(SLICES)
def test_rows_kept_of_one_key_grow(rows: list[Row]) -> None:
    seen: dict[RowKey, int] = {}
    for row in kept(rows, {}):
        assert row.revision > seen.get(row.identity, -1)
        seen[row.identity] = row.revision


def test_what_was_known_is_left_untouched_and_revision_zero_counts() -> None:
    known: dict[RowKey, int] = {("month", (1,)): 3}
    rows = [Row("month", (1,), 4, ()), Row("month", (1,), 4, ()), Row("month", (2,), 0, ())]
    assert select_new(rows, known) == [True, False, True]
    assert known == {("month", (1,)): 3}
