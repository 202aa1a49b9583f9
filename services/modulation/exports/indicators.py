"""Indicators and socle of each row of a year: the input of an allocation, as a table."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from fractions import Fraction
from typing import Annotated, NamedTuple

from services.modulation.domain.facts import StructureFacts, SupportHours
from services.modulation.domain.findings import RowFindings
from services.modulation.domain.indicators import find
from services.modulation.domain.ratios import values
from services.modulation.queries.facts import stream_facts
from services.modulation.queries.reads import candidate_structures
from shared.database.reads import LATEST
from shared.database.types import Connection
from shared.web.exports import EXACT, NUMBER, TEXT


class IndicatorRow(NamedTuple):
    """A row of the modulation for the results of a year; exact numbers."""

    exercise: Annotated[int, NUMBER, "Exercice : l'année suivant celle des résultats"]
    region: Annotated[str | None, TEXT, "Région ; vide si elle est inconnue : hors de tout groupe"]
    type: Annotated[str, TEXT, "Type de structure, avec le régime MP"]
    structure_id: Annotated[int, NUMBER, "Structure"]
    months_conventioned: Annotated[int, NUMBER, "Mois de l'année sous convention"]
    socle_eur_cents: Annotated[int, NUMBER, "Montant socle, en centimes"]
    ind1_num: Annotated[Fraction | None, EXACT, "Salariés à minimum social"]
    ind1_den: Annotated[Fraction | None, EXACT, "Salariés en insertion"]
    ind2_num: Annotated[Fraction | None, EXACT, "ETP d'encadrement ; vide s'il n'est pas saisi"]
    ind2_den: Annotated[Fraction | None, EXACT, "ETP d'insertion, annuels"]
    ind3_num: Annotated[Fraction | None, EXACT, "Sorties dynamiques"]
    ind3_den: Annotated[Fraction | None, EXACT, "Sorties qui comptent"]
    department: Annotated[str | None, TEXT, "Département qui décide ; vide s'il est inconnu"]
    state_eur_cents: Annotated[int, NUMBER, "Part de l'État dans le socle, en centimes"]
    department_eur_cents: Annotated[
        int | None, NUMBER, "Part du département dans le socle, en centimes"
    ]
    definitive_exits: Annotated[int, NUMBER, "Sorties définitives de l'année, comptées ou non"]
    flags: Annotated[str, TEXT, "Signalements, séparés par une espace"]
    controls: Annotated[str, TEXT, "Points à contrôler, séparés par une espace"]


def indicator_row(found: RowFindings, year: int) -> IndicatorRow:
    """The findings of a row as the input of an allocation."""
    socle = found.socle
    first, second, third = found.ratios
    type_ = found.row.type
    if type_ is None:
        raise ValueError("a row without a modulated part")
    return IndicatorRow(
        exercise=year + 1,
        region=socle.region,
        type=type_,
        structure_id=found.row.structure_id,
        months_conventioned=socle.months_conventioned,
        socle_eur_cents=socle.cents,
        ind1_num=first.numerator,
        ind1_den=first.denominator,
        ind2_num=second.numerator,
        ind2_den=second.denominator,
        ind3_num=third.numerator,
        ind3_den=third.denominator,
        department=socle.department,
        state_eur_cents=socle.state_cents,
        department_eur_cents=socle.department_cents,
        definitive_exits=len(found.exits),
        flags=" ".join(value.flag for value in values(found.ratios) if value.flag),
        controls=" ".join(dict.fromkeys(control.code for control in found.controls)),
    )


def with_hours(
    facts: StructureFacts, given: Mapping[tuple[int, str], SupportHours]
) -> StructureFacts:
    """The same facts with the entries given for the structure."""
    own = {kind: entry for (owner, kind), entry in given.items() if owner == facts.structure_id}
    return replace(facts, support_hours={**facts.support_hours, **own}) if own else facts


async def indicators(
    connection: Connection,
    year: int,
    today: date,
    given: Mapping[tuple[int, str], SupportHours] | None = None,
) -> list[IndicatorRow]:
    """The table of the nation for a year, by region (unknown first), type and structure.

    `given` support hours take the place of those declared, entry by entry. `today` is Paris's.
    """
    structures = await candidate_structures(connection, LATEST, year, None)
    return sorted_rows(
        [
            indicator_row(found, year)
            async for facts in stream_facts(connection, year, structures)
            for found in find(with_hours(facts, given or {}), year, today)
        ]
    )


def sorted_rows(rows: Iterable[IndicatorRow]) -> list[IndicatorRow]:
    """By region (unknown first), type and structure: the order of a table of one exercise."""
    return sorted(rows, key=lambda row: (row.region or "", row.type, row.structure_id))
