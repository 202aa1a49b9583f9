"""What a figure is made of, down to the declarations: enough to make it again.

Inputs and results are exact texts beside the rounded ones; `why` and states are codes.
"""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Any, NamedTuple

from services.etp.domain.formulas import Formula
from services.etp.domain.rsa import ON_RSA, TARGETED_KIND
from services.etp.domain.verdicts import Verdict, verdicts
from services.etp.exports.annexes import AnnexMonthRow, AnnexRow
from services.etp.exports.history import VersionRow
from services.etp.exports.months import Declared, MonthDetailRow, month_lines
from services.etp.queries import explanations as queries
from shared.database.reads import Record
from shared.database.types import Connection
from shared.numbers import exact, plain
from shared.web.exports import DATE, DECIMAL, EXACT, FLAG, INSTANT, NUMBER, TEXT, columns


class StepRow(NamedTuple):
    """How one figure is made."""

    figure: Annotated[str, TEXT, "Nom du chiffre, celui de sa colonne"]
    rule: Annotated[int, NUMBER, "Numéro de la règle"]
    formula: Annotated[str, TEXT, "Formule"]
    meaning: Annotated[str, TEXT, "Ce que c'est"]
    value: Annotated[str | None, TEXT, "Le chiffre, tel que montré ; vide s'il n'est pas défini"]
    exact: Annotated[str | None, TEXT, "Le même, exact : décimal ou fraction"]


class InputsRow(NamedTuple):
    """The annex version that counts: what the formulas take from it."""

    annex_id: Annotated[int, NUMBER, "Identifiant de l'annexe"]
    annex_number: Annotated[str, TEXT, "Numéro de l'annexe"]
    amendment_id: Annotated[int, NUMBER, "Identifiant de l'avenant qui compte"]
    source: Annotated[str, TEXT, "Source de cette version"]
    revision: Annotated[int, NUMBER, "Sa révision"]
    accepted_at: Annotated[datetime, INSTANT, "Son instant d'acceptation"]
    structure_id: Annotated[int, NUMBER, "Structure titulaire"]
    kind: Annotated[str, TEXT, "Type de SIAE"]
    department: Annotated[str | None, TEXT, "Code du département"]
    starts_on: Annotated[date, DATE, "Premier jour"]
    ends_on: Annotated[date, DATE, "Dernier jour"]
    months: Annotated[int, NUMBER, "n"]
    contracted_etp: Annotated[Decimal, DECIMAL, "E"]
    hours_base: Annotated[Decimal, DECIMAL, "H"]
    unit_amount: Annotated[Decimal | None, DECIMAL, "P"]
    total_amount: Annotated[Decimal | None, DECIMAL, "T"]
    cofinanced_amount: Annotated[Decimal, DECIMAL, "C"]


class LineRow(NamedTuple):
    """A line of a month; nominative."""

    line_id: Annotated[int, NUMBER, "Identifiant de la ligne"]
    version: Annotated[int, NUMBER, "Version"]
    state: Annotated[str, TEXT, "État"]
    hours: Annotated[Decimal, DECIMAL, "h"]
    counted: Annotated[bool, FLAG, "La ligne compte"]
    why: Annotated[
        str, TEXT, "counted ; superseded : une version plus haute ; repeated : déjà comptée"
    ]
    contract_id: Annotated[int | None, NUMBER, "Identifiant du contrat"]
    person: Annotated[str | None, TEXT, "Pseudonyme de la personne, sans contrat"]
    asp_etp: Annotated[Decimal | None, DECIMAL, "emi_part_etp, le chiffre de l'ASP"]
    on_rsa: Annotated[bool | None, FLAG, "Contrat d'un salarié au RSA (ACI) ; vide : inconnu"]


class RevisionRow(NamedTuple):
    """One revision of a month, as its source declared it."""

    source: Annotated[str, TEXT, "Source"]
    rank: Annotated[int, NUMBER, "Rang de la source ; seul le rang 1 peut valider"]
    revision: Annotated[int, NUMBER, "Révision, en µs depuis 1970 : l'axe de as_of"]
    accepted_at: Annotated[datetime, INSTANT, "Instant d'acceptation"]
    withdrawn: Annotated[bool, FLAG, "La source a retiré ce mois"]
    in_force: Annotated[bool, FLAG, "C'est la déclaration qui compte"]
    state: Annotated[str | None, TEXT, "État du mois qu'elle déclare"]
    mixed_states: Annotated[bool | None, FLAG, "Ses lignes qui comptent ont plusieurs états"]
    lines: Annotated[int | None, NUMBER, "Ses lignes qui comptent"]
    hours: Annotated[Decimal | None, DECIMAL, "Leurs heures"]


class ExactRow(NamedTuple):
    """What a month of the annex adds to the sums, and where it comes from."""

    exact_hours: Annotated[Decimal, DECIMAL, "Σ h"]
    exact_realised_etp: Annotated[Fraction | None, EXACT, "12 × Σ h / H"]
    revision: Annotated[int | None, NUMBER, "Révision de la déclaration qui compte"]
    accepted_at: Annotated[datetime | None, INSTANT, "Son instant d'acceptation"]


def steps(formulas: Mapping[str, Formula], *rows: tuple[Any, ...]) -> list[StepRow]:
    """How each figure of `formulas` that a column of `rows` bears is made."""
    shown = {
        column.name: (column, value)
        for row in rows
        for column, value in zip(columns(type(row)), row, strict=True)
    }
    return [
        _step(name, formula, *shown[name]) for name, formula in formulas.items() if name in shown
    ]


def _step(name: str, formula: Formula, column: Any, value: Any) -> StepRow:
    return StepRow(
        name,
        *formula,
        value=None if value is None else column.format.text(value),
        exact=_exact(value),
    )


def _exact(value: Any) -> str | None:
    if isinstance(value, Decimal):
        return plain(value)
    number = isinstance(value, int | Fraction) and not isinstance(value, bool)
    return exact(value) if number else None


def inputs(annex: AnnexRow, versions: list[VersionRow]) -> InputsRow:
    """What the formulas take from an annex; the version in force is among `versions`."""
    (version,) = (one for one in versions if one.in_force)
    given = {**version._asdict(), **annex._asdict()}
    return InputsRow(*(given[name] for name in InputsRow._fields))


def lines(annex: AnnexRow, month: AnnexMonthRow, declared: Declared) -> list[LineRow]:
    """The lines of a month, by line id and version; none when it is not declared."""
    record = declared.months.get((month.year, month.month))
    if record is None:
        return []
    delivered = month_lines(record)
    rows = [
        LineRow(
            delivered.ids[place],
            delivered.versions[place],
            delivered.states[place],
            record["line_hours"][place],
            verdict is Verdict.COUNTED,
            verdict,
            delivered.contracts[place],
            delivered.persons[place],
            record["line_asp_etp"][place],
            _on_rsa(annex, delivered.contracts[place], declared),
        )
        for place, verdict in enumerate(verdicts(delivered))
    ]
    return sorted(rows, key=lambda row: (row.line_id, row.version))


def _on_rsa(annex: AnnexRow, contract: int | None, declared: Declared) -> bool | None:
    status = None if contract is None else declared.statuses.get(contract)
    return None if annex.kind != TARGETED_KIND or status is None else status in ON_RSA


async def revisions(
    connection: Connection, annex_id: int, year: int, month: int, as_of: int
) -> list[RevisionRow]:
    """Every revision of a month, of every source."""
    records = await queries.read_month_revisions(connection, annex_id, year, month, as_of)
    return [RevisionRow(*(record[name] for name in RevisionRow._fields)) for record in records]


def exact_month(month: AnnexMonthRow, record: Record | None) -> ExactRow:
    """The exact figures of a month, whose revision in force is `record`."""
    return ExactRow(
        month.hours,
        month.realised_etp,
        record["revision"] if record else None,
        record["accepted_at"] if record else None,
    )


def month_steps(
    formulas: Mapping[str, Formula], month: AnnexMonthRow, more: MonthDetailRow
) -> list[StepRow]:
    """How the figures of a month are made; those of rule 15 where they mean something."""
    made = steps(formulas, month, more)
    return [step for step in made if step.value is not None or not step.figure.startswith("brsa")]
