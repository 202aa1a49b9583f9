"""The *montant socle conventionné définitif* of a row, as read at the extraction of 31 January."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from fractions import Fraction
from typing import Final

from services.modulation.domain.exact import half_up
from services.modulation.domain.facts import AnnexVersion
from services.modulation.domain.findings import AnnexShare, Socle
from shared.reference.departments import region_of
from shared.rules.measures import COUNTED_STATES
from shared.rules.months import month_number, touched_months

BELOW_A_LATE_ONE: Final = COUNTED_STATES | {"HISTORISE"}
"""States in which a version counts once the late one over it is left out (own reading)."""


def is_late(version: AnnexVersion, year: int) -> bool:
    """Did it reach the ASP after 31 December? An empty date is in time (own reading)."""
    return version.received_on is not None and version.received_on > date(year, 12, 31)


def versions_in_force(
    annexes: Iterable[AnnexVersion], in_force: Mapping[int, int]
) -> Iterator[AnnexVersion]:
    """The version of each annex that counts for the indicators."""
    return (one for one in annexes if in_force.get(one.annex_id) == one.amendment_id)


def socle_versions(
    annexes: Sequence[AnnexVersion], in_force: Mapping[int, int], year: int
) -> list[AnnexVersion]:
    """The version of each annex that gives the socle: the one in force, or, when it is late, the
    highest in time below it, superseded ones included."""
    found = []
    for version in versions_in_force(annexes, in_force):
        if not is_late(version, year):
            found.append(version)
            continue
        below = [
            other
            for other in annexes
            if other.annex_id == version.annex_id
            and _height(other) < _height(version)
            and other.state in BELOW_A_LATE_ONE
            and not is_late(other, year)
        ]
        if below:
            found.append(max(below, key=_height))
    return found


def _height(version: AnnexVersion) -> tuple[int, int, int]:
    return version.renewal, version.amendment, version.amendment_id


def months_in_year(version: AnnexVersion, year: int) -> frozenset[int]:
    """The months (1 to 12) of the year that the annex touches."""
    first = month_number(year, 1)
    touched = touched_months(version.starts_on, version.ends_on)
    return frozenset(number - first + 1 for number in touched if 0 <= number - first < 12)


def share_of(version: AnnexVersion, year: int) -> AnnexShare:
    """What a version brings: T × months in the year / n; C above T is taken as T, and without T
    there is nothing."""
    months = months_in_year(version, year)
    period = len(touched_months(version.starts_on, version.ends_on))
    total = Fraction(version.total or 0)
    cofinanced = min(Fraction(version.cofinanced or 0), total)
    part = Fraction(len(months), period)
    return AnnexShare(
        version.annex_id,
        version.amendment_id,
        version.department,
        months,
        period,
        (total - cofinanced) * part,
        cofinanced * part,
    )


def socle(shares: Sequence[AnnexShare], structure_department: str | None) -> Socle:
    """The sum of a row's shares. Region and deciding département are those of the annex with most
    socle in the year (equal: the lowest id), without annex those of the structure."""
    deciding = min(
        shares,
        key=lambda share: (-share.state_part - share.department_part, share.annex_id),
        default=None,
    )
    department = deciding.department if deciding else structure_department
    return Socle(
        half_up(100 * sum((share.state_part for share in shares), Fraction(0))),
        half_up(100 * sum((share.department_part for share in shares), Fraction(0))),
        len(frozenset().union(*(share.months for share in shares))),
        shares,
        department,
        region_of(department) if department else None,
    )
