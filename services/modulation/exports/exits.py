"""Definitive exits of a year, counted or not and why, as a table."""

from collections.abc import AsyncIterator
from datetime import date
from decimal import Decimal
from typing import Annotated, Final, NamedTuple

from services.modulation.domain.complementary import HOURLY_KINDS
from services.modulation.domain.findings import ExitVerdict
from services.modulation.domain.indicators import find_exits
from services.modulation.queries.facts import stream_facts
from services.modulation.queries.reads import candidate_structures
from shared.database.reads import LATEST
from shared.database.types import Connection
from shared.numbers import rounded
from shared.web.exports import DATE, FLAG, NUMBER, TEXT, Format


def _presence(value: Decimal | int) -> str:
    return str(value) if isinstance(value, int) else rounded(value, 2)


PRESENCE: Final = Format(_presence, _presence, str, "92")


class ExitRow(NamedTuple):
    """A contract with a definitive exit dated in the year."""

    structure_id: Annotated[int, NUMBER, "Structure"]
    kind: Annotated[str, TEXT, "Type de SIAE"]
    regime: Annotated[str, TEXT, "DC (droit commun) ou MP (milieu pénitentiaire)"]
    contract_id: Annotated[int, NUMBER, "Contrat"]
    hired_on: Annotated[date, DATE, "Première embauche du séjour"]
    left_on: Annotated[date, DATE, "Dernier jour"]
    reason: Annotated[str | None, TEXT, "Motif, tel que déclaré"]
    category: Annotated[str, TEXT, "Catégorie du motif"]
    presence: Annotated[
        Decimal | int, PRESENCE, "Heures validées du séjour (AI, ETTI), sinon jours"
    ]
    counted: Annotated[bool, FLAG, "La sortie compte"]
    why: Annotated[str, TEXT, "counted, ou pourquoi elle ne compte pas"]


def exit_row(verdict: ExitVerdict) -> ExitRow:
    """A verdict as a row."""
    return ExitRow(
        *verdict.row,
        verdict.contract_id,
        verdict.hired_on,
        verdict.left_on,
        verdict.reason,
        verdict.category,
        verdict.presence if verdict.row.kind in HOURLY_KINDS else int(verdict.presence),
        verdict.counted,
        verdict.why,
    )


async def exits(connection: Connection, year: int) -> AsyncIterator[list[ExitRow]]:
    """The exits of the nation in lists, by structure, kind, regime and contract."""
    structures = await candidate_structures(connection, LATEST, year, None)
    async for facts in stream_facts(connection, year, structures):
        yield [exit_row(verdict) for verdict in find_exits(facts, year)]
