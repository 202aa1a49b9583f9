"""Insertion employees of a year and their situation before hiring (criterion 1)."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Final

from services.modulation.domain.exact import total_hours
from services.modulation.domain.facts import Employment, ValidatedHours
from services.modulation.domain.findings import Employee
from services.modulation.domain.ratios import Ratio
from services.modulation.domain.stays import Stay

ON_RSA: Final = frozenset({"OUI-M", "OUI-NM"})
"""The feed does not single out the *RSA socle* (own reading)."""

MINIMUM_HOURS: Final = 1
"""Validated hours in the year that make an employee (own reading)."""


def employees(hours: Iterable[ValidatedHours], of_persons: Iterable[Stay]) -> list[Employee]:
    """The persons with at least one validated hour in the year, from the hours of one row."""
    stay_of = {contract: stay for stay in of_persons for contract in stay.contract_ids}
    of_person: dict[str, list[ValidatedHours]] = defaultdict(list)
    for line in hours:
        of_person[_person(line, stay_of)].append(line)
    found = (_employee(person, lines, stay_of) for person, lines in sorted(of_person.items()))
    return [employee for employee in found if employee.hours >= MINIMUM_HOURS]


def public(found: Sequence[Employee]) -> Ratio:
    """Indicator 1: employees with a minimum income over all."""
    return Ratio(Fraction(sum(employee.minimum_income for employee in found)), Fraction(len(found)))


def has_minimum_income(contract: Employment) -> bool:
    """RSA, ASS or AAH as declared before hiring; several count once."""
    return contract.rsa in ON_RSA or contract.ass or contract.aah


def _person(line: ValidatedHours, stay_of: Mapping[int, Stay]) -> str:
    """Whose hours they are; of an unknown contract, someone of their own."""
    stay = None if line.contract_id is None else stay_of.get(line.contract_id)
    return stay.person if stay else line.person or f"contract {line.contract_id}"


def _employee(
    person: str, lines: Sequence[ValidatedHours], stay_of: Mapping[int, Stay]
) -> Employee:
    """The status is that of the first contract of the stay of the person's earliest contract with
    hours in the year; without a contract row, no minimum income (own reading)."""
    worked = {line.contract_id for line in lines if line.contract_id is not None and line.hours}
    hires = [
        (contract.hired_on, contract.renewal, contract.contract_id)
        for stay in (stay_of[contract] for contract in worked if contract in stay_of)
        for contract in stay.contracts
        if contract.contract_id in worked
    ]
    first = stay_of[min(hires)[2]].contracts[0] if hires else None
    return Employee(
        person=person,
        hours=total_hours(line.hours for line in lines),
        contracts=tuple(sorted(worked)),
        status_contract=first.contract_id if first else None,
        minimum_income=first is not None and has_minimum_income(first),
    )
