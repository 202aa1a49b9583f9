"""Sums over the months of annexes, by structure and by territory, as tables (rule 10).

Rows hold exact figures; they are rounded where they are written, once (`shared.numbers`).
"""

from collections.abc import AsyncIterator
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import Annotated, NamedTuple

from services.etp.domain.consumption import consumption_rate, monthly_realised
from services.etp.queries import aggregates as queries
from services.etp.queries.selection import WHOLE, Selection, Window
from shared.database.reads import Record
from shared.database.types import Connection
from shared.reference.departments import region_of
from shared.web.exports import ETP, FLAG, NUMBER, RATE, TEXT

_monthly_realised = lru_cache(65_536)(monthly_realised)


class StructureRow(NamedTuple):
    """A month of one kind of one structure, over its annexes."""

    structure_id: Annotated[int, NUMBER, "Identifiant de la structure"]
    kind: Annotated[str, TEXT, "Type de SIAE"]
    year: Annotated[int, NUMBER, "Année civile"]
    month: Annotated[int, NUMBER, "Mois, de 1 à 12"]
    annexes: Annotated[int, NUMBER, "Nombre d'annexes"]
    contracted_etp: Annotated[Decimal, ETP, "Effectif mensuel conventionné"]
    validated_contracted_etp: Annotated[Decimal, ETP, "Le même, des annexes au mois validé"]
    validated_realised_etp: Annotated[Fraction, ETP, "Effectif mensuel réalisé et validé"]


class TerritoryRow(NamedTuple):
    """A month of one kind in one department; `department` is None when it is unknown."""

    year: Annotated[int, NUMBER, "Année civile"]
    month: Annotated[int, NUMBER, "Mois, de 1 à 12"]
    kind: Annotated[str, TEXT, "Type de SIAE"]
    department: Annotated[str | None, TEXT, "Code du département ; vide s'il est inconnu"]
    region: Annotated[str | None, TEXT, "Nom de la région"]
    structures: Annotated[int, NUMBER, "Nombre de structures"]
    annexes: Annotated[int, NUMBER, "Nombre d'annexes"]
    contracted_etp: Annotated[Decimal, ETP, "Effectif mensuel conventionné"]
    validated_contracted_etp: Annotated[Decimal, ETP, "Le même, des annexes au mois validé"]
    validated_realised_etp: Annotated[Fraction, ETP, "Effectif mensuel réalisé et validé"]
    rate: Annotated[Fraction | None, RATE, "Réalisé sur conventionné, des mois validés"]
    masked: Annotated[bool, FLAG, "Les chiffres sont masqués"]


async def structures(
    connection: Connection, selection: Selection, window: Window = WHOLE
) -> AsyncIterator[list[StructureRow]]:
    """Rows in lists, by structure id, kind, year and month."""
    async for records in queries.stream_structures(connection, selection, window):
        yield [
            StructureRow(
                record["structure_id"],
                record["kind"],
                record["year"],
                record["month"],
                record["annexes"],
                record["contracted_etp"],
                record["validated_etp"],
                _realised(record),
            )
            for record in records
        ]


async def territories(
    connection: Connection, selection: Selection, window: Window = WHOLE
) -> AsyncIterator[list[TerritoryRow]]:
    """Rows in lists, by year, month, kind and department, the unknown one first."""
    async for records in queries.stream_territories(connection, selection, window):
        yield [_territory_row(record) for record in records]


def _territory_row(record: Record) -> TerritoryRow:
    department, contracted = record["department"], record["validated_etp"]
    realised = _realised(record)
    return TerritoryRow(
        record["year"],
        record["month"],
        record["kind"],
        department,
        region_of(department) if department else None,
        record["structures"],
        record["annexes"],
        record["contracted_etp"],
        contracted,
        realised,
        consumption_rate(realised, Fraction(contracted)),
        masked=False,
    )


def _realised(record: Record) -> Fraction:
    """Monthly ETP of the validated hours, each sum divided by its own hours base."""
    pairs = zip(record["hours"], record["bases"], strict=True)
    parts = [_monthly_realised(hours, base) for hours, base in pairs]
    return parts[0] if len(parts) == 1 else sum(parts, Fraction(0))
