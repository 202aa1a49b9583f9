"""Calendar months as consecutive numbers: 12 × year + month − 1."""

from datetime import date


def month_number(year: int, month: int) -> int:
    """The number of a month (1 to 12) of a year."""
    return 12 * year + month - 1


def touched_months(first_day: date, last_day: date) -> range:
    """The numbers of the months touched by a period, both ends included; the day of the month
    is ignored (rule 2). Their count is the rules' `n`."""
    return range(
        month_number(first_day.year, first_day.month),
        month_number(last_day.year, last_day.month) + 1,
    )
