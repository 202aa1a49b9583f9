"""The periods of a site's annexes: civil years mostly, school years, short ones, closures."""

from datetime import date
from random import Random

from shared.testing.sample.months import day_of, month_index
from shared.testing.sample.request import SampleRequest
from shared.testing.sample.seeding import chance

Period = tuple[date, date]


def site_periods(rng: Random, request: SampleRequest) -> list[Period]:
    """The periods that a site's annexes cover, in order; none begins after the last month."""
    last_year = request.last_month // 12
    years = range(last_year - request.years + 1, last_year + 1)
    if chance(rng, 18):
        return [
            (date(year, 7, 1), date(year + 1, 6, 30))
            for year in range(years[0] - 1, last_year + 1)
            if month_index(year, 7) <= request.last_month
        ]
    periods = [period for year in years for period in _civil_year(rng, year)]
    if chance(rng, 25):
        periods = periods[int(rng.random() * len(periods)) :]
        first, end = periods[0]
        opened = day_of(month_index(first.year, first.month) + 1 + int(3 * rng.random()), 16)
        periods[0] = (opened, end)
    if chance(rng, 30):
        periods = periods[: 1 + int(rng.random() * len(periods))]
        begun, last = periods[-1]
        closed = day_of(month_index(last.year, last.month) - 1 - int(rng.random()), 15)
        if closed > begun:
            periods[-1] = (begun, closed)
    return [
        period
        for period in periods
        if month_index(period[0].year, period[0].month) <= request.last_month
    ]


def _civil_year(rng: Random, year: int) -> list[Period]:
    if chance(rng, 35):
        return [(date(year, 1, 1), date(year, 6, 30)), (date(year, 7, 1), date(year, 12, 31))]
    return [(date(year, 1, 1), date(year, 12, 31))]
