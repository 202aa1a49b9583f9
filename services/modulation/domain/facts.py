"""What the modulation reads: declarations in force, as frozen values, one structure at a time.

Whoever loads them applies the rules of the ETP follow-up first (best source, highest revision,
lines that count, validated months); nothing here is a figure of the modulation yet.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from services.modulation.domain.rows import Row


@dataclass(frozen=True, slots=True)
class AnnexVersion:
    """A version of an annex with posts (a known measure, FDI left out), whatever its state.

    Amounts are euros a year as delivered: `total` is the rules' `T`, `cofinanced` its `C`,
    `unit_amount` euros per annual ETP. `received_on` is the day it reached the ASP.
    `department` is its number's, else the structure's; None when unknown. `granted`: a source
    that may validate (the ASP) declares it, not an editor alone.
    """

    annex_id: int
    amendment_id: int
    renewal: int
    amendment: int
    state: str
    row: Row
    starts_on: date
    ends_on: date
    department: str | None
    total: Decimal | None
    cofinanced: Decimal | None
    unit_amount: Decimal | None
    received_on: date | None
    granted: bool


@dataclass(frozen=True, slots=True)
class Employment:
    """An insertion contract: `person` is the pseudonym of its holder in that structure.

    `row` is that of its measure, None without a known one. `renewal` is 0 for a first contract.
    `ends_on` is the planned end, None when open. `rsa` (`OUI-M`, `OUI-NM`, `NON`), `ass` and
    `aah` are those declared before hiring. `prescriber` is the code of who referred the person.
    `granted`, here and below, as for an annex.
    """

    contract_id: int
    person: str
    row: Row | None
    renewal: int
    hired_on: date
    ends_on: date | None
    rsa: str | None
    ass: bool
    aah: bool
    prescriber: str | None
    granted: bool


@dataclass(frozen=True, slots=True)
class Exit:
    """The definitive exit of a contract: its last day, its reason and the reason's category as
    declared (labels), None when not declared."""

    contract_id: int
    left_on: date
    reason: str | None
    category: str | None
    granted: bool


@dataclass(frozen=True, slots=True)
class ValidatedHours:
    """Hours of the lines that count of one contract in one validated month of its annex.

    `row` and `hours_base` (hours of one annual ETP) are those of the annex in force. A line
    without contract bears a `person` instead, a pseudonym within its annex.
    """

    row: Row
    annex_id: int
    hours_base: Decimal
    year: int
    month: int
    contract_id: int | None
    person: str | None
    hours: Decimal


@dataclass(frozen=True, slots=True)
class SupportHours:
    """A year's hours of those who supervise and accompany, for a structure and kind, DC and MP
    together: paid hours for ACI, worked elsewhere. The last three never enter a rate."""

    structure_id: int
    kind: str
    technical_hours: Decimal
    support_hours: Decimal
    partner_hours: Decimal | None = None
    training_hours: Decimal | None = None
    positioned_persons: int | None = None


@dataclass(frozen=True, slots=True)
class StructureFacts:
    """All that the rows of one structure need for the results of one year.

    * `annexes`: every version of each annex that has one of this structure's;
    * `in_force`: of these annexes, amendment id of the version that counts (highest among VALIDE,
      PROVISOIRE and CLOTURE); an annex without one is absent;
    * `employments`: every contract of the structure of any year, and every other contract that
      the year's hours name, with the contracts of the same person beside it;
    * `exits`: the definitive exits of those contracts, by any date;
    * `hours`: the validated hours of the year, on annexes in force of this structure;
    * `hours_by_contract`: validated hours of those contracts over all years;
    * `support_hours`: the year's entries, by kind;
    * `department`: that of the structure's INSEE code, None when unknown.
    """

    structure_id: int
    department: str | None
    annexes: Sequence[AnnexVersion]
    in_force: Mapping[int, int]
    employments: Sequence[Employment]
    exits: Sequence[Exit]
    hours: Sequence[ValidatedHours]
    hours_by_contract: Mapping[int, Decimal]
    support_hours: Mapping[str, SupportHours]
