"""When a month is late (rule 12)."""

from datetime import date

from shared.rules.months import month_number

FULL_MONTHS_LEFT = 2
"""Full calendar months that a structure has after a month to get it validated."""


def is_late(year: int, month: int, *, validated: bool, today: date) -> bool:
    """Is a month of an annex late on the civil date `today` (Paris)? January is from 1 April."""
    elapsed = month_number(today.year, today.month) - month_number(year, month)
    return not validated and elapsed > FULL_MONTHS_LEFT
