"""Definitive exits of a year, whether each counts, and why (criterion 3)."""

from calendar import monthrange
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import MAXYEAR, date
from decimal import Decimal
from fractions import Fraction
from typing import Final

from services.modulation.domain.exact import total_hours
from services.modulation.domain.facts import StructureFacts
from services.modulation.domain.findings import ExitVerdict, Why
from services.modulation.domain.ratios import Ratio
from services.modulation.domain.rows import Row
from services.modulation.domain.rules import RuleSet
from services.modulation.domain.stays import Stay
from shared.reference.exit_reasons import read_reason

WITHOUT_EXITS: Final = frozenset({"ACIPA", "EIPA"})
"""Kinds whose contracts are never an exit (*contrats passerelles*, own reading)."""


def exit_verdicts(
    facts: StructureFacts, of_persons: Sequence[Stay], year: int, rules: RuleSet
) -> list[ExitVerdict]:
    """Every contract of the structure, of a known row, with a definitive exit dated in the year; by
    row and id."""
    under_contract: dict[tuple[str, Row | None], list[Stay]] = defaultdict(list)
    for stay in of_persons:
        if stay.covers(date(year, 12, 31)):
            under_contract[stay.person, stay.row].append(stay)
    verdicts = [
        verdict
        for stay in of_persons
        if stay.row is not None and stay.row.structure_id == facts.structure_id
        for verdict in _verdicts(
            stay,
            elsewhere=any(other is not stay for other in under_contract[stay.person, stay.row]),
            worked=_worked(stay, facts.hours_by_contract),
            year=year,
            rules=rules,
        )
    ]
    return sorted(verdicts, key=lambda verdict: (verdict.row, verdict.contract_id))


def _worked(stay: Stay, hours: Mapping[int, Decimal]) -> Decimal:
    return total_hours(hours.get(contract, Decimal(0)) for contract in stay.contract_ids)


def _verdicts(
    stay: Stay, *, elsewhere: bool, worked: Decimal, year: int, rules: RuleSet
) -> Iterator[ExitVerdict]:
    """Of a stay, `worked` validated hours long; `elsewhere`: another one of the person in the row
    covers 31 December."""
    row = stay.row
    if row is None or row.kind in WITHOUT_EXITS:
        return
    for place, (contract, left) in enumerate(zip(stay.contracts, stay.exits, strict=True)):
        if left is None or left.left_on.year != year:
            continue
        reason = read_reason(left.reason, left.category)
        if place != stay.last:
            why = Why.CHAINED
        elif elsewhere:
            why = Why.UNDER_CONTRACT
        elif not _stayed(row.kind, stay.hired_on, left.left_on, rules):
            why = Why.UNDER_3_MONTHS
        elif worked < rules.minimum_hours.get(row.kind, 0):
            why = Why.UNDER_150_HOURS
        else:
            why = Why.COUNTED if reason.of.counted else Why.RETRAIT
        days = (left.left_on - stay.hired_on).days + 1
        yield ExitVerdict(
            row=row,
            contract_id=contract.contract_id,
            person=stay.person,
            contracts=stay.contract_ids,
            hired_on=stay.hired_on,
            left_on=left.left_on,
            reason=left.reason,
            reason_read=reason,
            presence=worked if row.kind in rules.minimum_hours else Decimal(days),
            why=why,
        )


def _stayed(kind: str, hired_on: date, left_on: date, rules: RuleSet) -> bool:
    """More than the kind's minimum of months, the last day included: hired on 1 January, 1 April
    is, 31 March is not."""
    months = rules.minimum_months.get(kind)
    return months is None or left_on >= months_later(hired_on, months)


def months_later(day: date, months: int) -> date:
    """The same day of the month, `months` later; the month's last day when it has none such
    (code de procédure civile, art. 641), and the calendar's last day beyond it."""
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    if year > MAXYEAR:
        return date.max
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def results(verdicts: Iterable[ExitVerdict]) -> Ratio:
    """Indicator 3: durable, transition and positive exits over all that count."""
    counted = [verdict for verdict in verdicts if verdict.counted]
    return Ratio(Fraction(sum(verdict.success for verdict in counted)), Fraction(len(counted)))
