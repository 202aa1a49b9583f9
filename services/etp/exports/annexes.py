"""Annexes in force, and their months, as tables.

Rows hold exact figures; they are rounded where they are written, once (`shared.numbers`).
"""

from collections.abc import AsyncIterator
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import Annotated, NamedTuple

from services.etp.domain import consumption
from services.etp.domain.amounts import used_amount
from services.etp.domain.consumption import DEFAULT_TOLERANCE
from services.etp.domain.lateness import is_late
from services.etp.queries import annexes as queries
from services.etp.queries.selection import WHOLE, Selection, Window
from shared.database.reads import Record
from shared.database.types import Connection
from shared.reference.departments import region_of
from shared.rules.months import touched_months
from shared.web.exports import DATE, ETP, EUROS, FLAG, HOURS, NUMBER, RATE, TEXT

_monthly_realised = lru_cache(65_536)(consumption.monthly_realised)


class AnnexRow(NamedTuple):
    """An annex in force: what it grants, what its validated months consumed."""

    annex_id: Annotated[int, NUMBER, "Identifiant de l'annexe, commun à ses avenants"]
    annex_number: Annotated[str, TEXT, "Numéro de l'annexe"]
    renewal: Annotated[int, NUMBER, "Rang de l'avenant de renouvellement"]
    amendment: Annotated[int, NUMBER, "Rang de l'avenant de modification"]
    state: Annotated[str, TEXT, "État de l'annexe : VALIDE, PROVISOIRE ou CLOTURE"]
    structure_id: Annotated[int, NUMBER, "Identifiant de la structure titulaire"]
    kind: Annotated[str, TEXT, "Type de SIAE"]
    regime: Annotated[str, TEXT, "DC (droit commun) ou MP (milieu pénitentiaire)"]
    department: Annotated[str | None, TEXT, "Code du département ; vide s'il est inconnu"]
    region: Annotated[str | None, TEXT, "Nom de la région"]
    starts_on: Annotated[date, DATE, "Premier jour de l'annexe"]
    ends_on: Annotated[date, DATE, "Dernier jour de l'annexe"]
    months: Annotated[int, NUMBER, "Nombre de mois civils touchés par l'annexe"]
    hours_base: Annotated[Decimal, HOURS, "Heures d'un ETP annuel (payées en ACI, sinon faites)"]
    contracted_etp: Annotated[Decimal, ETP, "Effectif mensuel conventionné"]
    annual_contracted_etp: Annotated[Fraction, ETP, "Effectif annuel conventionné"]
    state_annual_etp: Annotated[Fraction, ETP, "Part de l'État, en ETP annuels"]
    department_annual_etp: Annotated[Fraction, ETP, "Part du département, en ETP annuels"]
    unit_amount: Annotated[Decimal | None, EUROS, "Euros par ETP et par an"]
    total_amount: Annotated[Decimal | None, EUROS, "Euros accordés, tels que reçus"]
    cofinanced_amount: Annotated[Decimal, EUROS, "Euros cofinancés par le département"]
    validated_months: Annotated[int, NUMBER, "Nombre de mois validés"]
    realised_etp_sum: Annotated[Fraction, ETP, "Somme des effectifs mensuels validés"]
    realised_etp_mean: Annotated[Fraction | None, ETP, "Effectif mensuel réalisé moyen"]
    realised_annual_etp: Annotated[Fraction, ETP, "Effectif annuel réalisé et validé"]
    rate: Annotated[Fraction | None, RATE, "Moyenne réalisée rapportée au conventionné"]
    class_: Annotated[str, TEXT, "Classe de consommation"]
    used_amount: Annotated[Fraction | None, EUROS, "Euros consommés"]


class AnnexMonthRow(NamedTuple):
    """A month of an annex in force, or a month declared outside it."""

    annex_id: Annotated[int, NUMBER, "Identifiant de l'annexe"]
    year: Annotated[int, NUMBER, "Année civile"]
    month: Annotated[int, NUMBER, "Mois, de 1 à 12"]
    in_period: Annotated[bool, FLAG, "Le mois est de l'annexe"]
    contracted_etp: Annotated[Decimal | None, ETP, "Effectif mensuel conventionné"]
    state: Annotated[str | None, TEXT, "État du mois ; vide s'il n'est pas déclaré"]
    validated: Annotated[bool, FLAG, "Le mois est de l'annexe et validé"]
    lines: Annotated[int, NUMBER, "Nombre de lignes qui comptent"]
    hours: Annotated[Decimal, HOURS, "Heures de ces lignes"]
    realised_etp: Annotated[Fraction | None, ETP, "Effectif mensuel réalisé, validé ou non"]
    realised_annual_etp: Annotated[Fraction | None, ETP, "Le même, en ETP annuels"]
    late: Annotated[bool, FLAG, "Le mois est en retard"]


class UnattributedRow(NamedTuple):
    """A declared month of no annex in force."""

    annex_id: Annotated[int, NUMBER, "Identifiant d'annexe que portent les lignes"]
    year: Annotated[int, NUMBER, "Année civile"]
    month: Annotated[int, NUMBER, "Mois, de 1 à 12"]
    why: Annotated[str, TEXT, "orphan : annexe inconnue ; not-counted : elle ne compte pas"]
    lines: Annotated[int, NUMBER, "Nombre de lignes qui comptent dans le mois"]
    hours: Annotated[Decimal, HOURS, "Heures de ces lignes"]


async def annexes(
    connection: Connection,
    selection: Selection,
    window: Window = WHOLE,
    tolerance: Fraction = DEFAULT_TOLERANCE,
) -> list[AnnexRow]:
    """Annexes in force by annex id, with the figures of their whole period."""
    records = await queries.read_annexes(connection, selection, window)
    if window != WHOLE:
        ids = tuple(record["annex_id"] for record in records)
        selection = Selection(as_of=selection.as_of, annexes=ids)
    validated = {
        record["annex_id"]: (record["months"], record["hours"])
        for record in await queries.read_validated(connection, selection)
    }
    nothing = (0, Decimal(0))
    return [
        _annex_row(record, *validated.get(record["annex_id"], nothing), tolerance)
        for record in records
    ]


def _annex_row(
    record: Record, validated_months: int, validated_hours: Decimal, tolerance: Fraction
) -> AnnexRow:
    base, total = record["hours_base"], record["total_amount"]
    cofinanced = record["cofinanced_amount"] or Decimal(0)
    contracted = Fraction(record["contracted_etp"])
    months = len(touched_months(record["starts_on"], record["ends_on"]))
    annual = consumption.annual_contracted(contracted, months)
    department_annual = annual * consumption.department_part(total, cofinanced)
    realised_annual = consumption.annual_realised(validated_hours, base)
    realised_sum = consumption.monthly_realised(validated_hours, base)
    mean = consumption.mean_realised(realised_sum, validated_months)
    return AnnexRow(
        annex_id=record["annex_id"],
        annex_number=record["annex_number"],
        renewal=record["renewal"],
        amendment=record["amendment"],
        state=record["state"],
        structure_id=record["structure_id"],
        kind=record["kind"],
        regime=record["regime"],
        department=record["department"],
        region=region_of(record["department"]) if record["department"] else None,
        starts_on=record["starts_on"],
        ends_on=record["ends_on"],
        months=months,
        hours_base=base,
        contracted_etp=record["contracted_etp"],
        annual_contracted_etp=annual,
        state_annual_etp=annual - department_annual,
        department_annual_etp=department_annual,
        unit_amount=record["unit_amount"],
        total_amount=total,
        cofinanced_amount=cofinanced,
        validated_months=validated_months,
        realised_etp_sum=realised_sum,
        realised_etp_mean=mean,
        realised_annual_etp=realised_annual,
        rate=consumption.consumption_rate(mean, contracted),
        class_=consumption.classify(mean, contracted, tolerance),
        used_amount=used_amount(realised_annual, record["unit_amount"]),
    )


async def annex_months(
    connection: Connection, selection: Selection, today: date
) -> AsyncIterator[list[AnnexMonthRow]]:
    """Every month of the annexes in force and the declared months outside them, in lists, by
    annex, year and month; `today` (Paris) says which are late."""
    async for records in queries.stream_annex_months(connection, selection):
        yield [_month_row(record, today) for record in records]


def _month_row(record: Record, today: date) -> AnnexMonthRow:
    annex_id, year, month, in_period = (
        record["annex_id"],
        record["year"],
        record["month"],
        record["in_period"],
    )
    state, validated = record["state"], record["validated"]
    shown = in_period and state is not None
    realised = _monthly_realised(record["hours"], record["hours_base"]) if shown else None
    return AnnexMonthRow(
        annex_id,
        year,
        month,
        in_period,
        record["contracted_etp"] if in_period else None,
        state,
        validated,
        record["lines"],
        record["hours"],
        realised,
        None if realised is None else realised / 12,
        in_period and is_late(year, month, validated=validated, today=today),
    )


async def unattributed(
    connection: Connection, selection: Selection
) -> AsyncIterator[list[UnattributedRow]]:
    """Declared months of no annex in force, in lists, by annex id, year and month."""
    async for records in queries.stream_unattributed(connection, selection):
        yield [
            UnattributedRow(
                *(record[name] for name in ("annex_id", "year", "month", "why", "lines", "hours"))
            )
            for record in records
        ]
