"""Months counted from year 0 (`12 * year + month - 1`), and their dates as the ASP writes them."""

from calendar import monthrange
from datetime import date
from functools import cache


def month_index(year: int, month: int) -> int:
    """The index of a calendar month (1 to 12)."""
    return 12 * year + month - 1


def month_of(day: date) -> int:
    """The index of the month of a civil date."""
    return month_index(day.year, day.month)


@cache
def year_and_month(index: int) -> tuple[int, int]:
    """The calendar year and month (1 to 12) of an index."""
    return index // 12, index % 12 + 1


@cache
def feed_day(index: int, day: int) -> str:
    """`DD/MM/YYYY` of a day of a month; a day past the month's end is its last."""
    year, month = year_and_month(index)
    return f"{min(day, monthrange(year, month)[1]):02d}/{month:02d}/{year}"


def day_of(index: int, day: int) -> date:
    """The civil date of a day of a month; a day past the month's end is its last."""
    year, month = year_and_month(index)
    return date(year, month, min(day, monthrange(year, month)[1]))


def feed_date(day: date | None) -> str:
    """`DD/MM/YYYY`, or nothing."""
    return "" if day is None else f"{day.day:02d}/{day.month:02d}/{day.year}"
