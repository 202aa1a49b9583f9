"""Stays: the contracts of one person in one row that go on with one another (own reading)."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from services.modulation.domain.facts import Employment, Exit, StructureFacts
from services.modulation.domain.rows import Row

OPEN: Final = date.max
"""The end of a contract that has none."""


@dataclass(frozen=True, slots=True)
class Stay:
    """Contracts by hire, with the last day of each: that of its definitive exit, else its planned
    end, else `OPEN`. `row` is None when no measure says it."""

    person: str
    row: Row | None
    contracts: Sequence[Employment]
    ends: Sequence[date]
    exits: Sequence[Exit | None]

    @property
    def hired_on(self) -> date:
        """The first hire."""
        return self.contracts[0].hired_on

    @property
    def contract_ids(self) -> tuple[int, ...]:
        """The contracts, by hire."""
        return tuple(contract.contract_id for contract in self.contracts)

    @property
    def last(self) -> int:
        """The place of the last-ending contract; of equals one with a definitive exit, then the
        latest hired."""
        return max(
            range(len(self.contracts)),
            key=lambda place: (self.ends[place], self.exits[place] is not None, place),
        )

    def covers(self, day: date) -> bool:
        """Is one of its contracts running on a day?"""
        return any(
            contract.hired_on <= day <= end
            for contract, end in zip(self.contracts, self.ends, strict=True)
        )


def stays(facts: StructureFacts) -> list[Stay]:
    """The stays of a structure's persons: a renewal, or a hire at the latest the day after the
    stay's end, goes on with it."""
    rows, exits = _contract_rows(facts), {left.contract_id: left for left in facts.exits}
    of_person: dict[tuple[str, Row | None], list[Employment]] = defaultdict(list)
    for contract in facts.employments:
        of_person[contract.person, rows[contract.contract_id]].append(contract)
    return [
        stay
        for (person, row), contracts in of_person.items()
        for stay in _chained(person, row, contracts, exits)
    ]


def _contract_rows(facts: StructureFacts) -> dict[int, Row | None]:
    """The row of each contract: that of its measure, else the first of its hours in the year."""
    of_hours: dict[int, Row] = {}
    for line in facts.hours:
        if line.contract_id is not None:
            of_hours[line.contract_id] = min(line.row, of_hours.get(line.contract_id, line.row))
    return {
        contract.contract_id: contract.row or of_hours.get(contract.contract_id)
        for contract in facts.employments
    }


def _chained(
    person: str, row: Row | None, contracts: Iterable[Employment], exits: Mapping[int, Exit]
) -> Iterator[Stay]:
    ordered = sorted(contracts, key=lambda one: (one.hired_on, one.renewal, one.contract_id))
    begun: list[Employment] = []
    until = date.min
    for contract in ordered:
        left = exits.get(contract.contract_id)
        if begun and not contract.renewal and contract.hired_on > _day_after(until):
            yield _stay(person, row, begun, exits)
            begun, until = [], date.min
        begun.append(contract)
        until = max(until, _end(contract, left))
    yield _stay(person, row, begun, exits)


def _stay(
    person: str, row: Row | None, contracts: Sequence[Employment], exits: Mapping[int, Exit]
) -> Stay:
    left = [exits.get(contract.contract_id) for contract in contracts]
    ends = [_end(contract, one) for contract, one in zip(contracts, left, strict=True)]
    return Stay(person, row, contracts, ends, left)


def _end(contract: Employment, left: Exit | None) -> date:
    if left is not None:
        return left.left_on
    return contract.ends_on or OPEN


def _day_after(day: date) -> date:
    return day if day == OPEN else day + timedelta(days=1)
