"""The instant of `as_of`: read with its offset, else in UTC; in the past, or refused."""

from datetime import UTC, date, datetime, timedelta

import pytest

from shared.settings import ServiceSettings
from shared.web.as_of import REFUSALS, AsOfError, read_as_of

NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-11-10T00:00:00Z", datetime(2026, 11, 10, tzinfo=UTC)),
        ("2026-11-10T01:00:00+01:00", datetime(2026, 11, 10, tzinfo=UTC)),
        ("2026-11-10T00:00:00.000001Z", datetime(2026, 11, 10, 0, 0, 0, 1, UTC)),
        ("20261110T000000Z", datetime(2026, 11, 10, tzinfo=UTC)),
        ("0001-01-01T00:00:00Z", datetime(1, 1, 1, tzinfo=UTC)),
        (NOW.isoformat(), NOW),
        ("2026-11-10T00:00:00", datetime(2026, 11, 10, tzinfo=UTC)),
        ("2026-11-10", datetime(2026, 11, 10, tzinfo=UTC)),
        ("0001-01-01T00:00:00", datetime(1, 1, 1, tzinfo=UTC)),
    ],
)
def test_an_instant_is_read_with_its_offset_else_in_utc(text: str, instant: datetime) -> None:
    assert read_as_of(text, NOW) == instant


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("2026-11-22T10:00:01", "future-instant"),
        ((NOW + timedelta(microseconds=1)).isoformat(), "future-instant"),
        ("9999-12-31T23:59:59Z", "future-instant"),
        ("hier", "unreadable-instant"),
        ("", "unreadable-instant"),
        ("1790000000", "unreadable-instant"),
        ("2026-11-10T00:00:00 01:00", "unreadable-instant"),
        ("2026-02-30T00:00:00Z", "unreadable-instant"),
        ("0001-01-01T00:00:00+14:00", "unreadable-instant"),
        ("9999-12-31T23:59:59-14:00", "unreadable-instant"),
        ("2026-11-10T00:00:00Z\x00", "unreadable-instant"),
    ],
)
def test_any_other_instant_is_refused_with_its_reason(text: str, code: str) -> None:
    with pytest.raises(AsOfError) as refusal:
        read_as_of(text, NOW)
    assert refusal.value.code == code
    assert refusal.value.message == REFUSALS[refusal.value.kind][1]


@pytest.mark.parametrize(
    ("as_of", "today", "expected"),
    [
        (datetime(2026, 3, 31, 21, 59, tzinfo=UTC), None, date(2026, 3, 31)),
        (datetime(2026, 3, 31, 22, 0, tzinfo=UTC), None, date(2026, 4, 1)),
        (datetime(1, 1, 1, tzinfo=UTC), None, date(1, 1, 1)),
        (datetime(2026, 3, 31, tzinfo=UTC), date(2026, 11, 22), date(2026, 11, 22)),
    ],
)
def test_the_business_date_is_that_of_the_instant_in_paris_unless_one_is_set(
    as_of: datetime, today: date | None, expected: date
) -> None:
    settings = ServiceSettings.model_construct(today=today)
    assert settings.business_date(as_of) == expected
