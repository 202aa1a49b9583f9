"""An allocation as two tables: what each row gets, and what its group shares by."""

from collections.abc import Iterator
from fractions import Fraction
from typing import Annotated, Final, NamedTuple

from services.modulation.domain.allocation.groups import Award, GroupAllocation, GroupFigures
from services.modulation.domain.allocation.methods import Method
from shared.web.exports import EXACT, FLAG, INDEX, LEVEL, NUMBER, PERCENT_CUT, TEXT

_NOTHING: Final = (None, None, None)


class AwardRow(NamedTuple):
    """A candidate and its part; values, indices and score of the compared ones only."""

    exercise: Annotated[int, NUMBER, "Exercice"]
    region: Annotated[str, TEXT, "Région"]
    type: Annotated[str, TEXT, "Type de structure, avec le régime MP"]
    structure_id: Annotated[int, NUMBER, "Structure"]
    treatment: Annotated[str, TEXT, "Traitement : COMPARED, FLAT, AUTO, NONE"]
    months_conventioned: Annotated[int, NUMBER, "Mois conventionnés"]
    socle_eur_cents: Annotated[int, NUMBER, "Montant socle, en centimes"]
    index1: Annotated[Fraction | None, INDEX, "Indice du critère public"]
    index2: Annotated[Fraction | None, INDEX, "Indice du critère effort d'insertion"]
    index3: Annotated[Fraction | None, INDEX, "Indice du critère résultats"]
    score: Annotated[Fraction | None, INDEX, "Note : somme pondérée des indices"]
    amount_eur_cents: Annotated[int, NUMBER, "Montant modulé, en centimes"]
    rate_pct: Annotated[Fraction | None, PERCENT_CUT, "Montant / socle, en pour cent, coupé"]
    capped: Annotated[bool, FLAG, "Le plafond de 10 % s'applique"]
    flags: Annotated[str, TEXT, "Signalements, séparés par une espace"]
    method: Annotated[str, TEXT, "Méthode et version ; la fonction officielle n'est pas publiée"]
    value1: Annotated[Fraction | None, EXACT, "Valeur comparée du critère 1, exacte"]
    value2: Annotated[Fraction | None, EXACT, "Valeur comparée du critère 2, exacte"]
    value3: Annotated[
        Fraction | None, EXACT, "Valeur comparée du critère 3, exacte ; vide : neutre"
    ]


class GroupRow(NamedTuple):
    """What the rows of a group share by."""

    exercise: Annotated[int, NUMBER, "Exercice"]
    region: Annotated[str, TEXT, "Région"]
    type: Annotated[str, TEXT, "Type de structure, avec le régime MP"]
    method: Annotated[str, TEXT, "Méthode et version ; la fonction officielle n'est pas publiée"]
    rules: Annotated[str, TEXT, "Règles nationales de l'exercice"]
    structures: Annotated[int, NUMBER, "Structures du groupe"]
    compared: Annotated[int, NUMBER, "Structures comparées"]
    socle_eur_cents: Annotated[int, NUMBER, "Socle de celles qui ont une part, en centimes"]
    envelope_eur_cents: Annotated[int, NUMBER, "Enveloppe E : 5 % de ce socle"]
    carved_out_eur_cents: Annotated[int, NUMBER, "Part A des structures non comparées"]
    remainder_eur_cents: Annotated[int, NUMBER, "R = E − A, pour les structures comparées"]
    mean1: Annotated[Fraction | None, LEVEL, "Moyenne du critère 1, pondérée par le socle"]
    mean2: Annotated[Fraction | None, LEVEL, "Moyenne du critère 2, pondérée par le socle"]
    mean3: Annotated[Fraction | None, LEVEL, "Moyenne du critère 3, pondérée par le socle"]
    water_level: Annotated[Fraction | None, LEVEL, "Niveau λ : part = λ × socle × note, plafonnée"]
    zero_level: Annotated[
        Fraction | None, LEVEL, "Niveau des notes nulles : part = niveau × socle, plafonnée"
    ]


def award_rows(allocation: GroupAllocation) -> Iterator[AwardRow]:
    """The rows of a group, by structure id."""
    return (_award_row(award, allocation.figures.method) for award in allocation.awards)


def _award_row(award: Award, method: Method) -> AwardRow:
    candidate, standing = award.candidate, award.standing
    index1, index2, index3 = standing.indices if standing else _NOTHING
    value1, value2, value3 = standing.measures if standing else _NOTHING
    return AwardRow(
        *candidate.group,
        candidate.structure_id,
        award.treatment,
        candidate.months_conventioned,
        candidate.socle_cents,
        index1,
        index2,
        index3,
        standing.score if standing else None,
        award.cents,
        award.rate_percent,
        standing is not None and standing.capped,
        " ".join(award.flags),
        method,
        value1,
        value2,
        value3,
    )


def group_row(figures: GroupFigures) -> GroupRow:
    """A group's figures as a row."""
    return GroupRow(
        *figures.key,
        figures.method,
        figures.rules,
        figures.rows,
        figures.compared,
        figures.socle_cents,
        figures.envelope_cents,
        figures.carved_out_cents,
        figures.remainder_cents,
        *figures.means,
        figures.level,
        figures.zero_level,
    )
