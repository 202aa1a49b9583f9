"""Facts for tests: one structure, short to write."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction

from services.modulation.domain.facts import (
    AnnexVersion,
    Employment,
    Exit,
    StructureFacts,
    SupportHours,
    ValidatedHours,
)
from services.modulation.domain.ratios import Ratio
from services.modulation.domain.rows import Row

STRUCTURE = 101
YEAR = 2026
TODAY = date(2027, 1, 31)
ACI = Row(STRUCTURE, "ACI", "DC")
EI = Row(STRUCTURE, "EI", "DC")
AI = Row(STRUCTURE, "AI", "DC")
ETTI = Row(STRUCTURE, "ETTI", "DC")
BASES = {"ACI": 1820, "EI": 1505, "AI": 1607, "ETTI": 1600}


def day(text: str) -> date:
    return date.fromisoformat(text)


def contract(
    contract_id: int,
    hired: str,
    ends: str | None = None,
    *,
    person: str = "p1",
    row: Row | None = ACI,
    renewal: int = 0,
    rsa: str | None = "NON",
    ass: bool = False,
    aah: bool = False,
    prescriber: str | None = None,
    granted: bool = True,
) -> Employment:
    return Employment(
        contract_id,
        person,
        row,
        renewal,
        day(hired),
        day(ends) if ends else None,
        rsa,
        ass,
        aah,
        prescriber,
        granted,
    )


def left(
    contract_id: int,
    on: str,
    reason: str | None = "AU CHOMAGE",
    category: str | None = None,
    *,
    granted: bool = True,
) -> Exit:
    return Exit(contract_id, day(on), reason, category, granted)


def hours(
    contract_id: int | None,
    number: str,
    *,
    row: Row = ACI,
    annex_id: int = 2001,
    base: int | None = None,
    month: int = 3,
    person: str | None = None,
) -> ValidatedHours:
    return ValidatedHours(
        row,
        annex_id,
        Decimal(base or BASES[row.kind]),
        YEAR,
        month,
        contract_id,
        person,
        Decimal(number),
    )


def annex(
    annex_id: int = 2001,
    starts: str = "2026-01-01",
    ends: str = "2026-12-31",
    *,
    row: Row = ACI,
    amendment: int = 0,
    state: str = "VALIDE",
    total: str | None = "12000",
    cofinanced: str | None = None,
    unit_amount: str | None = None,
    received: str | None = "2026-01-15",
    department: str | None = "54",
    granted: bool = True,
) -> AnnexVersion:
    """Version `amendment` of an annex; its own id is 10 × the annex's + amendment."""
    return AnnexVersion(
        annex_id,
        10 * annex_id + amendment,
        0,
        amendment,
        state,
        row,
        day(starts),
        day(ends),
        department,
        None if total is None else Decimal(total),
        None if cofinanced is None else Decimal(cofinanced),
        None if unit_amount is None else Decimal(unit_amount),
        day(received) if received else None,
        granted,
    )


def ratio(numerator: str | int | None, denominator: str | int) -> Ratio:
    return Ratio(None if numerator is None else Fraction(numerator), Fraction(denominator))


def structure(
    *,
    annexes: Sequence[AnnexVersion] = (),
    employments: Sequence[Employment] = (),
    exits: Sequence[Exit] = (),
    worked: Sequence[ValidatedHours] = (),
    other_years: dict[int, str] | None = None,
    support: Sequence[SupportHours] = (),
    department: str | None = "54",
) -> StructureFacts:
    """The facts of structure 101; of an annex the highest counted version is in force.

    `other_years`: validated hours of contracts out of the year.
    """
    in_force: dict[int, int] = {}
    for version in sorted(annexes, key=lambda one: one.amendment):
        if version.state in {"VALIDE", "PROVISOIRE", "CLOTURE"}:
            in_force[version.annex_id] = version.amendment_id
    by_contract: dict[int, Decimal] = defaultdict(Decimal)
    for line in worked:
        if line.contract_id is not None:
            by_contract[line.contract_id] += line.hours
    for contract_id, number in (other_years or {}).items():
        by_contract[contract_id] += Decimal(number)
    return StructureFacts(
        STRUCTURE,
        department,
        annexes,
        in_force,
        employments,
        exits,
        worked,
        by_contract,
        {entry.kind: entry for entry in support},
    )
