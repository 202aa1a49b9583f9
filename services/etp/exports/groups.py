"""The annex-months that a sum is made of (rule 10)."""

from decimal import Decimal
from fractions import Fraction
from typing import Annotated, NamedTuple

from services.etp.domain.consumption import monthly_realised
from services.etp.queries.explanations import read_summed_months
from services.etp.queries.selection import Selection
from shared.database.reads import Record
from shared.database.types import Connection
from shared.web.exports import DECIMAL, EXACT, FLAG, NUMBER, TEXT


class SummedRow(NamedTuple):
    """A month of an annex, and what it adds to the sum."""

    annex_id: Annotated[int, NUMBER, "Identifiant de l'annexe"]
    structure_id: Annotated[int, NUMBER, "Structure titulaire"]
    regime: Annotated[str, TEXT, "DC (droit commun) ou MP (milieu pénitentiaire)"]
    contracted_etp: Annotated[Decimal, DECIMAL, "E"]
    hours_base: Annotated[Decimal, DECIMAL, "H"]
    state: Annotated[str | None, TEXT, "État du mois ; vide s'il n'est pas déclaré"]
    validated: Annotated[bool, FLAG, "Validé : il entre dans les sommes validées"]
    hours: Annotated[Decimal, DECIMAL, "Σ h"]
    realised_etp: Annotated[Fraction | None, EXACT, "12 × Σ h / H, validé ou non"]
    source: Annotated[str | None, TEXT, "Source de la déclaration qui compte"]
    revision: Annotated[int | None, NUMBER, "Sa révision"]


async def summed_months(
    connection: Connection, selection: Selection, month: int, *, unknown_department: bool = False
) -> list[SummedRow]:
    """The annex-months of the selection in that month, by annex id."""
    records = await read_summed_months(
        connection, selection, month, unknown_department=unknown_department
    )
    return [_row(record) for record in records]


def _row(record: Record) -> SummedRow:
    declared = record["state"] is not None
    realised = monthly_realised(record["hours"], record["hours_base"]) if declared else None
    given = {**record, "realised_etp": realised}
    return SummedRow(*(given[name] for name in SummedRow._fields))
