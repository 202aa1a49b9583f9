"""Sums by type for regions and départements: what DDETS and DREETS control, with the socle and
the envelope.

The envelope is 5 % of the socle of the rows that get a part. That of the State's part is rounded
to the cent, the départements' is the rest; a département's is that of its own rows, so that those
of a region need not add up to its own to the cent (own reading).
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import Annotated, NamedTuple

from services.modulation.domain.allocation.candidates import Treatment
from services.modulation.domain.exact import half_up
from services.modulation.domain.rules import rule_set
from services.modulation.exports.indicators import IndicatorRow
from services.modulation.exports.results import candidate_of
from shared.web.exports import EXACT, NUMBER, TEXT

Key = tuple[str, str | None, str]


class TerritoryRow(NamedTuple):
    """The rows of one type of a region, or of one of its départements."""

    exercise: Annotated[int, NUMBER, "Exercice"]
    region: Annotated[str, TEXT, "Région"]
    department: Annotated[str | None, TEXT, "Département ; vide : toute la région"]
    type: Annotated[str, TEXT, "Type de structure, avec le régime MP"]
    structures: Annotated[int, NUMBER, "Structures"]
    with_part: Annotated[int, NUMBER, "Structures qui ont une part : un socle et des mois"]
    minimum_income: Annotated[Fraction, EXACT, "Salariés à minimum social"]
    employees: Annotated[Fraction, EXACT, "Salariés en insertion"]
    support_etp: Annotated[Fraction, EXACT, "ETP d'encadrement saisis"]
    insertion_etp: Annotated[Fraction, EXACT, "ETP d'insertion, annuels"]
    without_support: Annotated[int, NUMBER, "Structures sans saisie d'encadrement"]
    dynamic_exits: Annotated[Fraction, EXACT, "Sorties dynamiques"]
    exits: Annotated[Fraction, EXACT, "Sorties qui comptent"]
    state_socle_eur_cents: Annotated[int, NUMBER, "Socle, part de l'État, en centimes"]
    department_socle_eur_cents: Annotated[int, NUMBER, "Socle, part des départements"]
    socle_eur_cents: Annotated[int, NUMBER, "Socle, en centimes"]
    state_envelope_eur_cents: Annotated[int, NUMBER, "Enveloppe, part de l'État, en centimes"]
    department_envelope_eur_cents: Annotated[int, NUMBER, "Enveloppe, part des départements"]
    envelope_eur_cents: Annotated[int, NUMBER, "Enveloppe E, en centimes"]
    to_control: Annotated[int, NUMBER, "Structures avec un point à contrôler"]


def territories(rows: Iterable[IndicatorRow]) -> list[TerritoryRow]:
    """The tables of the regions of these rows: each region's type whole, then by département."""
    groups: dict[Key, list[IndicatorRow]] = defaultdict(list)
    for row in rows:
        if row.region is not None:
            groups[row.region, None, row.type].append(row)
            groups[row.region, row.department, row.type].append(row)
    ordered = sorted(groups, key=lambda key: (key[0], key[1] or "", key[2]))
    return [_territory(key, groups[key]) for key in ordered]


def _territory(key: Key, rows: Sequence[IndicatorRow]) -> TerritoryRow:
    region, department, type_ = key
    mean = rule_set(rows[0].exercise).mean
    paid = [row for row in rows if candidate_of(row).treatment is not Treatment.NONE]
    state = sum(row.state_eur_cents for row in paid)
    socle = sum(row.socle_eur_cents for row in paid)
    envelope, of_state = half_up(mean * socle), half_up(mean * state)
    return TerritoryRow(
        exercise=rows[0].exercise,
        region=region,
        department=department,
        type=type_,
        structures=len(rows),
        with_part=len(paid),
        minimum_income=_sum(row.ind1_num for row in rows),
        employees=_sum(row.ind1_den for row in rows),
        support_etp=_sum(row.ind2_num for row in rows),
        insertion_etp=_sum(row.ind2_den for row in rows),
        without_support=sum(row.ind2_num is None for row in rows),
        dynamic_exits=_sum(row.ind3_num for row in rows),
        exits=_sum(row.ind3_den for row in rows),
        state_socle_eur_cents=state,
        department_socle_eur_cents=socle - state,
        socle_eur_cents=socle,
        state_envelope_eur_cents=of_state,
        department_envelope_eur_cents=envelope - of_state,
        envelope_eur_cents=envelope,
        to_control=sum(bool(row.controls) for row in rows),
    )


def _sum(parts: Iterable[Fraction | None]) -> Fraction:
    return sum((part for part in parts if part is not None), Fraction(0))
