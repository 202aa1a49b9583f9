"""The views that do not depend on the structures, and two that no reader of Cadran reads."""

from shared.testing.sample.exit_reasons import CATEGORIES, reasons
from shared.testing.sample.layouts import Row
from shared.testing.sample.request import SampleRequest

HOURS_LABEL = "Nombre d'heures annuelles théoriques pour un salarié à taux plein"
HOURS_BASES = {11: 1820, 12: 1607, 13: 1600, 15: 1505, 18: 1505, 77: 1700}
RSA_LABEL = "Montant mensuel RSA (88%)"
RSA_VALUES = (
    ("01/04/2021", "31/03/2022", "497.50"),
    ("01/04/2022", "30/06/2022", "506.46"),
    ("01/07/2022", "31/03/2023", "526.72"),
    ("01/04/2023", "31/03/2024", "534.82"),
    ("01/04/2024", "31/03/2025", "559.42"),
    ("01/04/2025", "31/03/2026", "568.94"),
    ("01/04/2026", "", "577.50"),
)
"""88 % of the RSA of one person, euros a month; the last one is invented."""
MAYOTTE_RSA = ("01/04/2025", "", "284.47")


def referential_rows(request: SampleRequest) -> dict[str, list[Row]]:
    """The rows of RefMontantIae, RefMotifSort, RefCategorieSort, Financement and Encadrement."""
    return {
        "RefMontantIae": _amounts(),
        "RefMotifSort": [
            {
                "rms_id": str(reason.id),
                "rms_code": str(reason.code),
                "rms_libelle": reason.label,
                "rcs_id": str(reason.category),
            }
            for reason in reasons()
        ],
        "RefCategorieSort": [
            {"rcs_id": str(number), "rcs_code": str(number), "rcs_libelle": label}
            for label, number in CATEGORIES.items()
        ],
        "Financement": [
            {"fin_id": str(number), "fin_libelle": f"FINANCEUR FICTIF {number}", "fin_montant": ""}
            for number in range(1, 4)
        ],
        "Encadrement": [
            {"enc_id": str(number), "enc_libelle": "ENCADREMENT FICTIF", "enc_etp": "1"}
            for number in range(1, 1 + min(5, request.structures))
        ],
    }


def _amounts() -> list[Row]:
    hours = [
        {
            "rmi_id": str(number),
            "rmi_code": "DUR_AN_ETP",
            "rmi_libelle": HOURS_LABEL,
            "rmi_valeur": str(value),
            "rmi_date_debut_effet": "01/01/2010",
        }
        for number, value in HOURS_BASES.items()
    ]
    periods = [(*period, "") for period in RSA_VALUES] + [(*MAYOTTE_RSA, "976")]
    incomes = [
        {
            "rmi_id": str(200 + number),
            "rmi_code": "MT_ME_RSA",
            "rmi_libelle": RSA_LABEL,
            "rmi_valeur": value,
            "rmi_date_debut_effet": begins,
            "rmi_date_fin_effet": ends,
            "code_dpt": department,
        }
        for number, (begins, ends, value, department) in enumerate(periods, start=1)
    ]
    return hours + incomes
