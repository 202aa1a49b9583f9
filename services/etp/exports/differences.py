"""Our figures beside the ASP's, where they differ (rule 14), as a table."""

from collections.abc import AsyncIterator
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, NamedTuple

from services.etp.domain.asp import difference
from services.etp.domain.consumption import monthly_realised
from services.etp.queries.differences import stream_differences
from services.etp.queries.selection import WHOLE, Selection, Window
from shared.database.reads import Record
from shared.database.types import Connection
from shared.web.exports import ETP, FLAG, NUMBER, TEXT


class DifferenceRow(NamedTuple):
    """A month of an annex, over its lines that count and bear the ASP's figure."""

    annex_id: Annotated[int, NUMBER, "Identifiant de l'annexe"]
    year: Annotated[int, NUMBER, "Année civile"]
    month: Annotated[int, NUMBER, "Mois, de 1 à 12"]
    structure_id: Annotated[int, NUMBER, "Structure titulaire"]
    kind: Annotated[str, TEXT, "Type de SIAE"]
    department: Annotated[str | None, TEXT, "Code du département"]
    state: Annotated[str, TEXT, "État du mois"]
    validated: Annotated[bool, FLAG, "Le mois est validé"]
    lines: Annotated[int, NUMBER, "Lignes qui comptent"]
    asp_lines: Annotated[int, NUMBER, "Lignes comparées : celles qui portent le chiffre de l'ASP"]
    compared_etp: Annotated[Fraction, ETP, "Effectif mensuel de ces lignes, par nos règles"]
    asp_etp: Annotated[Decimal, ETP, "Somme de leurs emi_part_etp, lus en ETP mensuels"]
    asp_difference: Annotated[Fraction, ETP, "Le nôtre moins celui de l'ASP"]


async def differences(
    connection: Connection, selection: Selection, window: Window = WHOLE
) -> AsyncIterator[list[DifferenceRow]]:
    """Rows in lists, by annex, year and month."""
    async for records in stream_differences(connection, selection, window):
        yield [_row(record) for record in records]


def _row(record: Record) -> DifferenceRow:
    hours, base, asp_etp = record["asp_hours"], record["hours_base"], record["asp_etp"]
    made = {
        "compared_etp": monthly_realised(hours, base),
        "asp_difference": difference(hours, base, asp_etp),
    }
    given = {**record, **made}
    return DifferenceRow(*(given[name] for name in DifferenceRow._fields))
