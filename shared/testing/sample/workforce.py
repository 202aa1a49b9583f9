"""Who works on a site, month after month: hires, renewals, departures, people who come back."""

from random import Random

from shared.testing.sample.people import INCOMES, LONGEST_STAY, Employee, Registry
from shared.testing.sample.structures import Site

REMEMBERED = 12
"""How many of those who left may be hired again."""


class Workforce:
    """The employees of one site in the month last asked for."""

    def __init__(self, site: Site, registry: Registry, rng: Random, closes: int | None) -> None:
        """`closes`: the month, if any, at whose end the site stops and everybody leaves."""
        self.staff: list[Employee] = []
        self.hours = 0
        self._site = site
        self._registry = registry
        self._rng = rng
        self._closes = closes
        self._gone: list[tuple[int, int]] = []
        self._opening = True

    def advance(self, month: int, wanted_hours: int) -> None:
        """Make the staff that of `month`, enough for about `wanted_hours` hours in it."""
        staying = []
        for employee in self.staff:
            if employee.leaves < month:
                self._gone.append((employee.person, employee.leaves))
                self.hours -= employee.hours
                continue
            if employee.until < month:
                self._renew(employee, month)
            staying.append(employee)
        self.staff = staying
        self._gone = self._gone[-REMEMBERED:]
        while self.hours + self._site.kind.hours // 2 < wanted_hours:
            self._hire(month)
        surplus = self.hours - wanted_hours * 5 // 4
        for employee in self.staff:
            if surplus > 0 and employee.leaves > month and employee.since < month:
                employee.leaves = month
                surplus -= employee.hours
            if month in (employee.leaves, self._closes):
                employee.leaves = month
                first = employee.hired_day if employee.since == month else 1
                employee.exit_day = min(31, first + int(self._rng.random() * (32 - first)))
                self._registry.end_contract(employee, self._site, self._rng)
        self._opening = False

    def finish(self, month: int) -> None:
        """Write the contracts that `month`, the last one, leaves running."""
        for employee in self.staff:
            if employee.leaves > month:
                self._registry.add_contract(employee, self._site)

    def _hire(self, month: int) -> None:
        rng, kind = self._rng, self._site.kind
        usual = int(kind.hours * rng.lognormvariate(0, kind.hours_spread))
        hours = min(max(usual, kind.least_hours), kind.most_hours)
        stay = 1 + int(rng.expovariate(1 / kind.stay))
        since, day = month, 1 + int(rng.random() * 20)
        if self._opening:
            since, day = month - int(rng.random() * 8), 1
        leaves = max(month, since + min(stay, LONGEST_STAY) - 1)
        person = self._returning(month) or self._registry.add_person(rng)
        contract = self._registry.next_id("contract")
        employee = Employee(person, contract, hours, since, leaves)
        employee.hired_day = day
        employee.until = max(month, since + self._length() - 1)
        if rng.random() * 100 < kind.minimum_income_percent:
            employee.income = INCOMES[person % len(INCOMES)]
        self.staff.append(employee)
        self.hours += hours

    def _renew(self, employee: Employee, month: int) -> None:
        self._registry.add_contract(employee, self._site)
        employee.contract = self._registry.next_id("contract")
        employee.since, employee.hired_day = month, 1
        employee.renewals += 1
        employee.until = month + self._length() - 1

    def _length(self) -> int:
        """A contract's length in months: around the kind's usual one."""
        usual = self._site.kind.contract
        return max(1, usual // 2 + int(self._rng.random() * (usual + 1)))

    def _returning(self, month: int) -> int | None:
        """Somebody who left three months ago or more, once in forty hires."""
        if self._gone and self._rng.random() * 40 < 1 and month - self._gone[0][1] >= 3:
            return self._gone.pop(0)[0]
        return None
