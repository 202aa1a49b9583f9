"""How each figure is made, for people: the rule's number, the formula, what it means.

E: contracted posts, n: months, H: hours base, P: unit amount, T: total, C: cofinanced part;
h: hours of a line that counts. The functions that compute are elsewhere in this package.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, NamedTuple


class Formula(NamedTuple):
    """`meaning` is French, for the page that shows the figure."""

    rule: int
    expression: str
    meaning: str


MONTH: Final[Mapping[str, Formula]] = MappingProxyType(
    {
        "contracted_etp": Formula(3, "E", "Effectif conventionné, dans un mois de l'annexe"),
        "hours": Formula(4, "Σ h", "Heures des lignes qui comptent"),
        "realised_etp": Formula(
            4, "12 × Σ h / H", "Effectif mensuel réalisé, que le mois soit validé ou non"
        ),
        "realised_annual_etp": Formula(4, "Σ h / H", "Le même, en ETP annuels"),
        "state": Formula(5, "état le moins avancé des lignes qui comptent", "État du mois"),
        "validated": Formula(
            5,
            "mois de l'annexe, état VALIDE, source qui peut valider",
            "Le mois entre dans les chiffres ; déclaré sans être validé, il est provisoire",
        ),
        "late": Formula(
            12, "non validé deux mois pleins après sa fin", "Mois en retard (notre lecture)"
        ),
        "asp_difference": Formula(
            14,
            "12 × Σ h / H − Σ emi_part_etp, sur les lignes qui portent les deux",
            "Notre chiffre moins celui de l'ASP, en ETP mensuels",
        ),
        "brsa_target": Formula(
            15,
            "C / n / montant du RSA (88 %) au premier du mois",
            "Salariés au RSA que paie le département (ACI ; notre lecture)",
        ),
        "brsa_employees": Formula(
            15, "contrats OUI-M ou OUI-NM d'au moins une heure validée", "Salariés au RSA du mois"
        ),
        "brsa_etp": Formula(15, "12 × Σ h / H sur ces contrats", "Leur effectif mensuel"),
    }
)

ANNEX: Final[Mapping[str, Formula]] = MappingProxyType(
    {
        "months": Formula(2, "n", "Mois civils touchés par la période"),
        "contracted_etp": Formula(3, "E", "Effectif mensuel conventionné"),
        "annual_contracted_etp": Formula(3, "E × n / 12", "Effectif annuel conventionné"),
        "department_annual_etp": Formula(
            3, "E × n / 12 × C / T", "Part du département ; C pris égal à T au-delà (notre lecture)"
        ),
        "state_annual_etp": Formula(3, "le reste", "Part de l'État (notre lecture)"),
        "validated_months": Formula(
            5, "nombre de mois validés", "Mois qui entrent dans la moyenne"
        ),
        "realised_etp_sum": Formula(6, "Σ 12 × h / H", "Somme des effectifs mensuels validés"),
        "realised_etp_mean": Formula(
            6, "Σ 12 × h / H / nombre de mois validés", "Effectif mensuel réalisé moyen"
        ),
        "realised_annual_etp": Formula(4, "Σ h / H", "Effectif annuel réalisé et validé"),
        "rate": Formula(7, "moyenne / E", "Taux de consommation (notre lecture)"),
        "class": Formula(8, "|moyenne − E| ≤ 1 % × E", "Classe de consommation (notre lecture)"),
        "used_amount": Formula(9, "Σ h / H × P", "Euros consommés, non plafonnés à T"),
    }
)

GROUP: Final[Mapping[str, Formula]] = MappingProxyType(
    {
        "annexes": Formula(10, "nombre d'annexes", "Annexes dont c'est un mois"),
        "contracted_etp": Formula(10, "Σ E", "Effectif mensuel conventionné"),
        "validated_contracted_etp": Formula(
            10, "Σ E des mois validés", "Conventionné des annexes au mois validé"
        ),
        "validated_realised_etp": Formula(
            10, "Σ 12 × h / H des mois validés", "Effectif mensuel réalisé et validé"
        ),
        "rate": Formula(
            7, "réalisé / conventionné des mois validés", "Taux du groupe (notre lecture)"
        ),
    }
)
