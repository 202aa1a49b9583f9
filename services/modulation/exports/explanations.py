"""What the figures of a row are made of, down to contracts and annexes: enough to make them again.

Persons are pseudonyms. Exact numbers are integers, decimals or fractions.
"""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Any, Final, NamedTuple

from services.modulation.domain.complementary import complementary, hires_by_prescriber
from services.modulation.domain.facts import StructureFacts
from services.modulation.domain.findings import RowFindings
from services.modulation.domain.ratios import Ratio
from services.modulation.exports.exits import exit_row
from services.modulation.exports.indicators import IndicatorRow
from shared.numbers import exact, plain
from shared.web.exports import DECIMAL, EXACT, FLAG, NUMBER, TEXT, Format, item

IDS: Final = Format(lambda ids: " ".join(map(str, ids)), list, list[int], [10101])


class FigureRow(NamedTuple):
    """How one figure is made."""

    figure: Annotated[str, TEXT, "Nom du chiffre, celui de sa colonne"]
    formula: Annotated[str, TEXT, "Formule, sur les listes de l'explication"]
    exact: Annotated[Fraction | None, EXACT, "Le chiffre, exact ; vide s'il n'est pas saisi"]


class EmployeeRow(NamedTuple):
    """A person with at least one validated hour in the year; nominative."""

    person: Annotated[str, TEXT, "Pseudonyme de la personne dans la structure"]
    hours: Annotated[Decimal, DECIMAL, "Heures validées de l'année"]
    contracts: Annotated[Sequence[int], IDS, "Contrats qui ont des heures dans l'année"]
    status_contract: Annotated[
        int | None, NUMBER, "Contrat dont la situation avant l'embauche compte"
    ]
    minimum_income: Annotated[bool, FLAG, "RSA, ASS ou AAH avant l'embauche"]


class AnnexHoursRow(NamedTuple):
    """Validated hours of the year on one annex, both regimes of the kind."""

    annex_id: Annotated[int, NUMBER, "Identifiant de l'annexe"]
    hours: Annotated[Decimal, DECIMAL, "Heures validées de l'année"]
    hours_base: Annotated[Decimal, DECIMAL, "Heures d'un ETP annuel"]
    etp: Annotated[Fraction, EXACT, "ETP annuels"]


class ShareRow(NamedTuple):
    """What an annex brings to the socle."""

    annex_id: Annotated[int, NUMBER, "Identifiant de l'annexe"]
    amendment_id: Annotated[int, NUMBER, "Avenant retenu pour le socle"]
    department: Annotated[str | None, TEXT, "Département"]
    months: Annotated[Sequence[int], IDS, "Mois de l'année sous cette annexe"]
    period_months: Annotated[int, NUMBER, "Mois de l'annexe, toutes années"]
    state_part: Annotated[Fraction, EXACT, "Part de l'État dans l'année, en euros"]
    department_part: Annotated[Fraction, EXACT, "Part du département dans l'année, en euros"]


_FORMULAS: Final = {
    "ind1_num": "nombre de salariés de « employees » dont minimum_income est vrai",
    "ind1_den": "nombre de salariés de « employees »",
    "ind2_num": "support_hours / base d'un ETP d'encadrement (1820 en ACI, sinon 1607)",
    "ind2_den": "somme des etp de « annex_hours » (hours / hours_base)",
    "ind3_num": "nombre d'exits comptées (counted) et dynamiques (success)",
    "ind3_den": "nombre d'exits comptées (counted)",
    "state_eur_cents": "100 × somme des state_part de « socle », arrondi une fois",
    "department_eur_cents": "100 × somme des department_part de « socle », arrondi une fois",
    "socle_eur_cents": "state_eur_cents + department_eur_cents",
    "months_conventioned": "nombre de mois distincts de « socle »",
}


def explanation(found: RowFindings, row: IndicatorRow, facts: StructureFacts) -> dict[str, Any]:
    """The figures of `row`, and all that they are counted from, as a JSON document.

    `facts` are those that `found` was found in.
    """
    return {
        "indicators": item(row),
        "figures": [
            item(FigureRow(name, formula, _fraction(getattr(row, name))))
            for name, formula in _FORMULAS.items()
        ],
        "employees": [
            item(
                EmployeeRow(
                    one.person, one.hours, one.contracts, one.status_contract, one.minimum_income
                )
            )
            for one in found.employees
        ],
        "annex_hours": [
            item(
                AnnexHoursRow(
                    one.annex_id,
                    one.hours,
                    one.hours_base,
                    Fraction(one.hours) / Fraction(one.hours_base),
                )
            )
            for one in found.annex_hours
        ],
        "support_hours": _hours(found.support_hours),
        "exits": [
            {
                **item(exit_row(one)),
                "person": one.person,
                "contracts": list(one.contracts),
                "success": one.success,
            }
            for one in found.exits
        ],
        "socle": [
            item(
                ShareRow(
                    one.annex_id,
                    one.amendment_id,
                    one.department,
                    sorted(one.months),
                    one.period_months,
                    one.state_part,
                    one.department_part,
                )
            )
            for one in found.socle.shares
        ],
        "controls": [
            {"code": control.code, "about": list(control.about)} for control in found.controls
        ],
        "complementary": _complementary(found, facts, row.exercise - 1),
    }


def _complementary(found: RowFindings, facts: StructureFacts, year: int) -> dict[str, Any]:
    more = complementary(found.row.kind, found.exits)
    hired = hires_by_prescriber((one for one in facts.employments if one.row == found.row), year)
    entry = facts.support_hours.get(found.row.kind)
    return {
        "without_known_situations": _ratio(more.without_known_situations),
        "over_450_hours": _ratio(more.over_450_hours),
        "durable_exits": list(more.durable),
        "by_presence_months": {
            str(months): _ratio(ratio) for months, ratio in more.by_presence.items()
        },
        "hires_by_prescriber": [
            {"prescriber": prescriber, "persons": persons}
            for prescriber, persons in sorted(hired.items(), key=lambda one: one[0] or "")
        ],
        "positioned_persons": entry.positioned_persons if entry else None,
        "partner_hours": _hours(entry.partner_hours if entry else None),
        "training_hours": _hours(entry.training_hours if entry else None),
    }


def _hours(hours: Decimal | None) -> str | None:
    return None if hours is None else plain(hours)


def _ratio(ratio: Ratio | None) -> dict[str, str | None] | None:
    if ratio is None:
        return None
    return {
        "num": None if ratio.numerator is None else exact(ratio.numerator),
        "den": None if ratio.denominator is None else exact(ratio.denominator),
    }


def _fraction(value: Any) -> Fraction | None:
    return None if value is None else Fraction(value)
