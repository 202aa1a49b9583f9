"""What the modulation finds for a row and a year, each figure with what it was counted from."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import NamedTuple

from services.modulation.domain.allocation.candidates import Candidate
from services.modulation.domain.ratios import Triple
from services.modulation.domain.rows import Row
from shared.reference.exit_reasons import ReadReason


@dataclass(frozen=True, slots=True)
class Employee:
    """A person with at least one validated hour in the year, within a row.

    `status_contract` is the contract whose declaration before hiring was read (the first of the
    stay), None without a contract row. `contracts` are those with hours in the year.
    """

    person: str
    hours: Decimal
    contracts: tuple[int, ...]
    status_contract: int | None
    minimum_income: bool


@dataclass(frozen=True, slots=True)
class AnnexHours:
    """Validated hours of the year on one annex; over `hours_base` they are annual ETP."""

    annex_id: int
    hours_base: Decimal
    hours: Decimal


class Why(StrEnum):
    """What became of a definitive exit: the first that applies, in this order."""

    COUNTED = "counted"
    CHAINED = "chained"
    """The stay goes on after this contract."""
    UNDER_CONTRACT = "under_contract"
    """Another stay of the person in the row covers 31 December."""
    UNDER_3_MONTHS = "under_3_months"
    UNDER_150_HOURS = "under_150_hours"
    RETRAIT = "retrait"
    """The reason takes the exit out of both numbers."""


@dataclass(frozen=True, slots=True)
class ExitVerdict:
    """A contract with a definitive exit dated in the year, and whether it counts.

    `hired_on` is the first hire of the stay, `contracts` its contracts by hire. `reason` is the
    declared label, `reason_read` its class. `presence` is validated hours over the stay for AI and
    ETTI, elsewhere days from the first hire to the exit, both included.
    """

    row: Row
    contract_id: int
    person: str
    contracts: tuple[int, ...]
    hired_on: date
    left_on: date
    reason: str | None
    reason_read: ReadReason
    presence: Decimal
    why: Why

    @property
    def counted(self) -> bool:
        """Is it in indicator 3's denominator?"""
        return self.why is Why.COUNTED

    @property
    def category(self) -> str:
        """The category of its class: `Emploi durable`, …"""
        return self.reason_read.of.category

    @property
    def success(self) -> bool:
        """Is its class in indicator 3's numerator?"""
        return self.reason_read.of.success


@dataclass(frozen=True, slots=True)
class AnnexShare:
    """What an annex version brings to a year's socle: `months` of its `period_months` are in the
    year; both parts in euros, exact."""

    annex_id: int
    amendment_id: int
    department: str | None
    months: frozenset[int]
    period_months: int
    state_part: Fraction
    department_part: Fraction


@dataclass(frozen=True, slots=True)
class Socle:
    """The *montant socle conventionné définitif* of a row, in euro cents; each part is rounded
    once, half up. `months_conventioned`: distinct months of the year under an annex.

    `department` is the deciding one (None when unknown), `region` its region's name.
    """

    state_cents: int
    department_cents: int
    months_conventioned: int
    shares: Sequence[AnnexShare]
    department: str | None
    region: str | None

    @property
    def cents(self) -> int:
        """State and département parts together."""
        return self.state_cents + self.department_cents


class ControlCode(StrEnum):
    """What someone should look at before the definitive extraction; no figure changes for it."""

    PROVISIONAL_ANNEX = "provisional_annex"
    LATE_ANNEX = "late_annex"
    """A version reached the ASP after 31 December: an earlier one, or none, gives the socle."""
    ANNEX_WITHOUT_TOTAL = "annex_without_total"
    COFINANCING_OVER_TOTAL = "cofinancing_over_total"
    UNIT_AMOUNT_NOT_TARIFF = "unit_amount_not_tariff"
    SEVERAL_REGIONS = "several_regions"
    SEVERAL_DEPARTMENTS = "several_departments"
    UNKNOWN_REGION = "unknown_region"
    PROVISIONAL_CONTRACT = "provisional_contract"
    """A contract, or its exit, that an editor declares and the ASP has not delivered: it counts."""
    WITHOUT_CONTRACT = "without_contract"
    """Persons with hours whose contract is unknown: counted without minimum income."""
    UNKNOWN_REASON = "unknown_reason"
    """A declared reason that is none of the table's, read by its category or as none."""
    STAY_WITHOUT_EXIT = "stay_without_exit"
    """A stay ended in the year without a definitive exit: no exit until it is cleared."""
    OVER_100 = "over_100"
    """An indicator above 1, taken as 1."""


class Control(NamedTuple):
    """A control to clear, and the annexes, contracts, persons or criteria that it is about."""

    code: ControlCode
    about: tuple[int | str, ...]


@dataclass(frozen=True, slots=True)
class RowFindings:
    """All about a row for a year. `ratios` are the indicators 1, 2, 3 as published.

    `annex_hours` and `support_hours` (sum of both columns, None when not declared) are those of
    both regimes of the kind: DC and MP share one entry, and so indicator 2.
    """

    row: Row
    socle: Socle
    ratios: Triple
    employees: Sequence[Employee]
    annex_hours: Sequence[AnnexHours]
    support_hours: Decimal | None
    exits: Sequence[ExitVerdict]
    controls: Sequence[Control]

    def candidate(self, exercise: int) -> Candidate | None:
        """What it stands with in the allocation of `exercise` (the year after); None when its type
        has no group, or its region is unknown."""
        if self.row.type is None or self.socle.region is None:
            return None
        return Candidate(
            exercise,
            self.socle.region,
            self.row.type,
            self.row.structure_id,
            self.socle.months_conventioned,
            self.socle.cents,
            self.ratios,
        )
