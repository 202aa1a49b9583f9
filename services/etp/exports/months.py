"""What the API says more of a month of one annex: its source, the ASP's figure, the bRSA target."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Any, NamedTuple

from services.etp.domain import asp, rsa
from services.etp.exports.annexes import AnnexMonthRow, AnnexRow
from services.etp.queries import explanations as queries
from shared.database.reads import Record
from shared.database.types import Connection
from shared.rules.monthly_states import MonthLines, counted_lines
from shared.web.exports import ETP, FLAG, NUMBER, TEXT

Month = tuple[int, int]
"""Year, month."""


class MonthDetailRow(NamedTuple):
    """The columns that follow those of the export."""

    source: Annotated[str | None, TEXT, "Source de la déclaration qui compte"]
    provisional: Annotated[bool, FLAG, "Mois de l'annexe déclaré, non validé"]
    asp_lines: Annotated[int, NUMBER, "Lignes qui comptent et portent le chiffre de l'ASP"]
    asp_etp: Annotated[Decimal | None, ETP, "Effectif mensuel de ces lignes selon l'ASP"]
    asp_difference: Annotated[Fraction | None, ETP, "Le nôtre, de ces lignes, moins celui de l'ASP"]
    brsa_target: Annotated[Fraction | None, ETP, "Objectif de salariés au RSA du mois (ACI)"]
    brsa_employees: Annotated[int | None, NUMBER, "Salariés au RSA d'au moins une heure validée"]
    brsa_etp: Annotated[Fraction | None, ETP, "Effectif mensuel de ces salariés"]


@dataclass(frozen=True, slots=True)
class Declared:
    """What the annex's months are made of: their revisions in force, and what rule 15 needs."""

    months: Mapping[Month, Record]
    amounts: tuple[rsa.RsaAmount, ...]
    statuses: Mapping[int, str | None]


async def read_declared(connection: Connection, annex: AnnexRow, as_of: int) -> Declared:
    """The months declared for an annex; amounts and statuses are those of an ACI alone."""
    records = await queries.read_months_in_force(connection, annex.annex_id, as_of)
    months = {(record["year"], record["month"]): record for record in records}
    if annex.kind != rsa.TARGETED_KIND:
        return Declared(months, (), {})
    amounts = await queries.read_rsa_amounts(connection, annex.annex_id, as_of)
    contracts = {
        contract
        for record in records
        for contract in record["line_contracts"]
        if contract is not None
    }
    statuses = await queries.read_rsa_statuses(connection, contracts, as_of)
    return Declared(months, tuple(map(_amount, amounts)), statuses)


def detail(annex: AnnexRow, month: AnnexMonthRow, declared: Declared) -> MonthDetailRow:
    """What is more to say of `month`; the ASP's figure and the target are of the annex's months."""
    record = declared.months.get((month.year, month.month))
    compared = record if record is not None and month.in_period else None
    asp_etp = compared["asp_etp"] if compared else None
    employees = _employees(annex, month, declared)
    return MonthDetailRow(
        source=record["source"] if record else None,
        provisional=month.in_period and record is not None and not month.validated,
        asp_lines=(compared["asp_lines"] or 0) if compared else 0,
        asp_etp=asp_etp,
        asp_difference=None
        if compared is None or asp_etp is None
        else asp.difference(compared["asp_hours"], annex.hours_base, asp_etp),
        brsa_target=_target(annex, month, declared),
        brsa_employees=employees.employees if employees else None,
        brsa_etp=employees.etp if employees else None,
    )


def month_lines(record: Record) -> MonthLines:
    """The lines of a month as they were declared."""
    return MonthLines(
        record["line_ids"],
        record["line_versions"],
        record["line_states"],
        [str(hours) for hours in record["line_hours"]],
        record["line_contracts"],
        record["line_persons"],
    )


def rsa_amount(annex: AnnexRow, month: AnnexMonthRow, declared: Declared) -> Decimal | None:
    """The RSA amount of a month of an ACI; None when unknown, or of another kind."""
    if annex.kind != rsa.TARGETED_KIND or not month.in_period:
        return None
    return rsa.amount_of_month(declared.amounts, month.year, month.month, annex.department)


def _target(annex: AnnexRow, month: AnnexMonthRow, declared: Declared) -> Fraction | None:
    amount = rsa_amount(annex, month, declared)
    return rsa.month_target(annex.cofinanced_amount, annex.total_amount, annex.months, amount)


def _employees(
    annex: AnnexRow, month: AnnexMonthRow, declared: Declared
) -> rsa.RsaEmployees | None:
    if annex.kind != rsa.TARGETED_KIND or not month.validated:
        return None
    record = declared.months[month.year, month.month]
    hours = [
        (record["line_contracts"][place], record["line_hours"][place])
        for place in counted_lines(month_lines(record))
    ]
    return rsa.employees_on_rsa(hours, declared.statuses, annex.hours_base)


def _amount(written: Mapping[str, Any]) -> rsa.RsaAmount:
    starts_on, ends_on = (
        date.fromisoformat(written[name]) if written[name] else None
        for name in ("starts_on", "ends_on")
    )
    return rsa.RsaAmount(Decimal(written["amount"]), written["department"], starts_on, ends_on)
