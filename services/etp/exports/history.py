"""What the API adds to one annex: its declared versions, and its budget view."""

from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, NamedTuple

from services.etp.domain.consumption import DEFAULT_TOLERANCE, annual_view, classify
from services.etp.exports.annexes import AnnexRow
from services.etp.queries.annexes import read_versions
from shared.database.types import Connection
from shared.web.exports import DATE, ETP, EUROS, FLAG, HOURS, INSTANT, NUMBER, RATE, TEXT


class VersionRow(NamedTuple):
    """One revision of one amendment, as its source declared it; withdrawn: nothing after."""

    amendment_id: Annotated[int, NUMBER, "Identifiant de l'avenant"]
    source: Annotated[str, TEXT, "Source de la déclaration"]
    revision: Annotated[int, NUMBER, "Révision, en µs depuis 1970 : l'axe de as_of"]
    rank: Annotated[int, NUMBER, "Rang de la source ; 1 est le meilleur"]
    accepted_at: Annotated[datetime, INSTANT, "Instant d'acceptation"]
    withdrawn: Annotated[bool, FLAG, "La source a retiré cet avenant"]
    in_force: Annotated[bool, FLAG, "C'est la version qui compte"]
    counted: Annotated[bool | None, FLAG, "Son état et sa mesure comptent"]
    structure_id: Annotated[int | None, NUMBER, "Structure titulaire"]
    annex_number: Annotated[str | None, TEXT, "Numéro de l'annexe"]
    convention_number: Annotated[str | None, TEXT, "Numéro de la convention"]
    measure: Annotated[str | None, TEXT, "Mesure, telle que l'ASP la code"]
    renewal: Annotated[int | None, NUMBER, "Rang de renouvellement"]
    amendment: Annotated[int | None, NUMBER, "Rang de modification"]
    state: Annotated[str | None, TEXT, "État"]
    starts_on: Annotated[date | None, DATE, "Premier jour"]
    ends_on: Annotated[date | None, DATE, "Dernier jour"]
    contracted_etp: Annotated[Decimal | None, ETP, "Effectif mensuel conventionné"]
    hours_base: Annotated[Decimal | None, HOURS, "Heures d'un ETP annuel"]
    unit_amount: Annotated[Decimal | None, EUROS, "Euros par ETP et par an"]
    total_amount: Annotated[Decimal | None, EUROS, "Euros accordés"]
    cofinanced_amount: Annotated[Decimal | None, EUROS, "Euros cofinancés"]
    funder: Annotated[str | None, TEXT, "Financeur"]
    signed_on: Annotated[date | None, DATE, "Date de signature"]
    received_on: Annotated[date | None, DATE, "Date de réception par l'ASP"]
    validated_on: Annotated[date | None, DATE, "Date de validation"]


class AnnualRow(NamedTuple):
    """The budget view of rule 8; its class waits for the last month of the annex."""

    consumed_annual_etp: Annotated[Fraction, ETP, "Consommé et validé à ce jour"]
    share: Annotated[Fraction | None, RATE, "Part consommée de l'effectif annuel conventionné"]
    remaining_annual_etp: Annotated[Fraction, ETP, "Reste à consommer ; négatif au-delà"]
    class_: Annotated[str | None, TEXT, "Classe, une fois tous les mois validés"]


async def versions(connection: Connection, annex_id: int, as_of: int) -> list[VersionRow]:
    """Every revision of every amendment of an annex, by amendment, source and revision."""
    return [
        VersionRow(*(record[name] for name in VersionRow._fields))
        for record in await read_versions(connection, annex_id, as_of)
    ]


def annual_row(annex: AnnexRow, tolerance: Fraction = DEFAULT_TOLERANCE) -> AnnualRow:
    """The budget view of an annex, in annual ETP."""
    consumed, contracted = annex.realised_annual_etp, annex.annual_contracted_etp
    view = annual_view(consumed, contracted)
    finished = annex.validated_months == annex.months
    return AnnualRow(
        view.consumed,
        view.share,
        view.remaining,
        classify(consumed, contracted, tolerance) if finished else None,
    )
