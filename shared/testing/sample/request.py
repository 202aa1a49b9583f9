"""What is asked of the generator, checked once: a request that exists can be generated."""

import re
from dataclasses import dataclass
from datetime import datetime

from shared.testing.sample.months import month_index

DEFAULT_STAMP = "08112026_063004"
CORRECTED_STAMP = "15112026_063011"
"""The stamp of a delivery with changed months: a week after the default one."""
MOST_STRUCTURES = 9_999
MOST_YEARS = 10


class SampleRequestError(ValueError):
    """A sample that cannot be generated; the message is for the person who asked, in French."""


@dataclass(frozen=True, slots=True)
class SampleRequest:
    """A delivery to generate.

    `last_month` is an index of months.py; `changed_percent` the share, in percent, of the monthly
    states whose hours differ from the feed of the same seed without it.
    """

    structures: int
    years: int
    seed: int
    stamp: str
    last_month: int
    changed_percent: int = 0

    @property
    def first_month(self) -> int:
        """January of the first of the years."""
        return 12 * (self.last_month // 12 - self.years + 1)


def sample_request(
    structures: int,
    years: int,
    seed: int,
    *,
    stamp: str | None = None,
    last_month: str | None = None,
    changed_percent: int = 0,
) -> SampleRequest:
    """The request that these arguments make; `SampleRequestError` when one is out of bounds.

    Without `last_month` (`YYYY-MM`) the feed ends with the month before that of the stamp
    (`DDMMYYYY_HHMMSS`); without `stamp` a fixed one, a week later when months are changed.
    """
    if not 1 <= structures <= MOST_STRUCTURES:
        raise SampleRequestError(f"--structures doit être compris entre 1 et {MOST_STRUCTURES}.")
    if not 1 <= years <= MOST_YEARS:
        raise SampleRequestError(f"--years doit être compris entre 1 et {MOST_YEARS}.")
    if not 0 <= changed_percent <= 100:
        raise SampleRequestError("--changed doit être un pourcentage entre 0 et 100.")
    stamp = stamp or (CORRECTED_STAMP if changed_percent else DEFAULT_STAMP)
    instant = _instant(stamp)
    latest = month_index(instant.year, instant.month) - 1
    chosen = latest if last_month is None else _month(last_month)
    if chosen > latest:
        raise SampleRequestError(
            f"--last-month {last_month} doit précéder le mois de l'horodatage {stamp}."
        )
    if not month_index(2010 + years, 1) <= chosen <= month_index(2099, 12):
        raise SampleRequestError("Les années demandées doivent tenir entre 2011 et 2099.")
    return SampleRequest(structures, years, seed, stamp, chosen, changed_percent)


def _instant(stamp: str) -> datetime:
    if re.fullmatch(r"[0-9]{8}_[0-9]{6}", stamp) is None:
        raise SampleRequestError(f"--stamp {stamp} illisible : JJMMAAAA_HHMMSS attendu.")
    try:
        return datetime.strptime(stamp, "%d%m%Y_%H%M%S")  # noqa: DTZ007 a civil time, no zone
    except ValueError:
        raise SampleRequestError(f"--stamp {stamp} n'est pas une date.") from None


def _month(text: str) -> int:
    found = re.fullmatch(r"([0-9]{4})-(0[1-9]|1[0-2])", text)
    if found is None:
        raise SampleRequestError(f"--last-month {text} illisible : AAAA-MM attendu.")
    return month_index(int(found[1]), int(found[2]))
