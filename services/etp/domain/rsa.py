"""The bRSA target of an ACI, and the employees on RSA beside it (rule 15, our reading).

RSA: *revenu de solidarité active*. Amounts are euros a month, already 88 % of the RSA.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Final

from services.etp.domain.consumption import monthly_realised

TARGETED_KIND: Final = "ACI"
ON_RSA: Final = frozenset({"OUI-M", "OUI-NM"})
"""Statuses of a contract whose employee had the RSA before hiring, with or without increase."""

LEAST_HOURS: Final = 1
"""Validated hours in the month from which an employee is shown against the target."""


@dataclass(frozen=True, slots=True)
class RsaAmount:
    """An amount of the referential, of one department (None: of those that have no row of their
    own), from its first to its last day, both included (None: open)."""

    amount: Decimal
    department: str | None
    starts_on: date | None
    ends_on: date | None

    def in_force(self, day: date) -> bool:
        """Does it apply on that day?"""
        return (self.starts_on or date.min) <= day <= (self.ends_on or date.max)


@dataclass(frozen=True, slots=True)
class RsaEmployees:
    """Employees on RSA of a month, and their monthly ETP."""

    employees: int
    etp: Fraction


def amount_of_month(
    amounts: Iterable[RsaAmount], year: int, month: int, department: str | None
) -> Decimal | None:
    """The amount in force on the first of the month: the department's own row if there is one,
    else the row without department; of several rows the latest begun. None when there is none."""
    first = date(year, month, 1)
    places = {None, department}
    known = [one for one in amounts if one.department in places and one.in_force(first)]
    if not known:
        return None
    own = [one for one in known if one.department is not None] or known
    return max(own, key=lambda one: (one.starts_on or date.min, one.amount)).amount


def month_target(
    cofinanced: Decimal, total: Decimal | None, months: int, amount: Decimal | None
) -> Fraction | None:
    """Employees on RSA that the département's money stands for in one of an annex's `months`:
    `C / n / amount`, `C` being taken as `T` above it (rule 3). None without cofinancing, or
    without a known amount."""
    if not cofinanced or not amount:
        return None
    paid = min(cofinanced, total) if total else cofinanced
    return Fraction(paid) / months / Fraction(amount)


def year_targets(targets: Mapping[tuple[int, int], Fraction | None]) -> dict[int, Fraction | None]:
    """The target of each civil year: the sum over its months, by (year, month); None when the
    amount of one is unknown."""
    years: dict[int, Fraction | None] = {}
    for (year, _), target in targets.items():
        former = years.get(year, Fraction(0))
        years[year] = None if former is None or target is None else former + target
    return years


def employees_on_rsa(
    hours: Iterable[tuple[int | None, Decimal]],
    statuses: Mapping[int, str | None],
    hours_base: Decimal,
) -> RsaEmployees:
    """Those of a validated month, from the contract and the hours of its lines that count.

    Our reading: an employee is a contract, the person being unknown here; a line without contract
    has no status.
    """
    worked: dict[int, Fraction] = defaultdict(Fraction)
    etp: dict[int, Fraction] = defaultdict(Fraction)
    for contract, line_hours in hours:
        if contract is not None and statuses.get(contract) in ON_RSA:
            worked[contract] += Fraction(line_hours)
            etp[contract] += monthly_realised(line_hours, hours_base)
    shown = [contract for contract, total in worked.items() if total >= LEAST_HOURS]
    return RsaEmployees(len(shown), sum((etp[contract] for contract in shown), Fraction(0)))
