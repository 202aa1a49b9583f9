"""Identity: ids of events and revisions of documents."""

from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID, uuid5

from hypothesis import given
from hypothesis import strategies as st

from shared.contracts.ids import NAMESPACE, event_id, microseconds, next_revision

INSTANTS = st.integers(946_684_800, 4_102_444_800).map(lambda s: datetime.fromtimestamp(s, UTC))
TEXTS = st.text(st.characters(exclude_characters="\n", codec="utf-8"), min_size=1)
IDENTITIES = st.tuples(TEXTS, TEXTS, TEXTS, st.integers(0, 2**63 - 1))
NOON = datetime(2026, 11, 8, 12, 0, 0, 250_000, tzinfo=UTC)


def test_an_id_is_frozen() -> None:
    """Consumers keep ids: the same event must have this id for ever."""
    identifier = event_id("asp", "monthly-state", "2001/2026-03", 1_794_120_312_250_000)
    assert identifier == "d95f9b64-5f22-5315-a532-a5592181827f"


@given(IDENTITIES)
def test_an_id_is_a_uuid_of_version_5(one: tuple[str, str, str, int]) -> None:
    assert UUID(event_id(*one)) == uuid5(NAMESPACE, "\n".join(map(str, one)))


@given(IDENTITIES, IDENTITIES)
def test_two_events_share_an_id_only_when_they_are_the_same(
    one: tuple[str, str, str, int], other: tuple[str, str, str, int]
) -> None:
    assert event_id(*one) == event_id(*one)
    assert (event_id(*one) == event_id(*other)) == (one == other)


def test_microseconds_are_those_of_utc() -> None:
    paris = timezone(timedelta(hours=1))
    assert microseconds(NOON) == 1_794_139_200_250_000
    assert microseconds(NOON.astimezone(paris)) == microseconds(NOON)


def test_there_and_back_gives_three_revisions() -> None:
    """A → B → A, delivered a week apart: three revisions, each above the former."""
    week = timedelta(days=7)
    first = next_revision(None, NOON)
    second = next_revision(first, NOON + week)
    third = next_revision(second, NOON + 2 * week)
    assert (first, second, third) == (
        microseconds(NOON),
        microseconds(NOON + week),
        microseconds(NOON + 2 * week),
    )
    assert first < second < third


def test_a_resumed_chunk_gives_the_same_numbers() -> None:
    """The chunk that was not committed is decided again from the same state and instant."""
    held = [None, 5, microseconds(NOON), microseconds(NOON) + 40]
    decide = [next_revision(previous, NOON) for previous in held]
    assert decide == [next_revision(previous, NOON) for previous in held]
    assert decide == [
        microseconds(NOON),
        microseconds(NOON),
        microseconds(NOON) + 1,
        decide[2] + 40,
    ]


@given(st.none() | st.integers(0, 2**62), INSTANTS)
def test_a_revision_always_moves_forward(previous: int | None, accepted_at: datetime) -> None:
    """Whatever the clock says, a service restored from a backup included."""
    revision = next_revision(previous, accepted_at)
    assert revision >= microseconds(accepted_at)
    assert previous is None or revision > previous
    assert revision in {microseconds(accepted_at), (previous or 0) + 1}
