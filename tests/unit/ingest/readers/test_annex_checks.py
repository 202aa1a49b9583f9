"""The hours base of an annex, and the warnings about its amounts and measure."""

from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest

from services.ingest.readers.annex_checks import annex_warnings, granted, months_touched
from shared.reference.hour_bases import hour_base
from tests.unit.ingest.readers.feeds import rows_of, scanned, text_of

Change = dict[str, str]
OTHER_LABEL = "Montant mensuel RSA (88%)"


def annex(tmp_path: Path, change: Change, amount: Change) -> tuple[str | None, dict[str, int]]:
    """Hours base and warnings of one annex, beside a referential of one row."""
    texts = {
        "AnnexeFinanciere": text_of("AnnexeFinanciere", *rows_of("AnnexeFinanciere", change)),
        "RefMontantIae": text_of("RefMontantIae", *rows_of("RefMontantIae", amount)),
    }
    read = scanned(tmp_path, texts)
    frame, warnings = annex_warnings(read.annexes, read.referential("RefMontantIae"))
    assert frame.drop("hours_base").equals(read.annexes)
    return frame["hours_base"].item(), dict(+warnings)


FROM_KIND = {"hours-base-from-kind": 1}
FROM_REFERENTIAL = {"hours-base-from-referential": 1}
NO_AMOUNTS = {"af_montant_total_annuel": ""}


@pytest.mark.parametrize(
    ("change", "amount", "base", "warnings"),
    [
        pytest.param({}, {}, "1820", {}, id="its own"),
        pytest.param(
            {"af_duree_heure_annuel_etp_valeur": "1607.50"}, {}, "1607.5", {}, id="its own, exact"
        ),
        *[
            pytest.param(
                {
                    "af_duree_heure_annuel_etp_valeur": value,
                    "af_duree_heure_annuel_etp_id": "77",
                },
                {"rmi_libelle": label},
                "1700",
                FROM_REFERENTIAL,
                id=f"the referential's: {value!r}, {label[:9]}",
            )
            for value in ("", "0", "0.00")
            for label in (
                "Nombre d'heures annuelles théoriques pour un salarié à taux plein",
                "NOMBRE D’HEURES  ANNUELLES THEORIQUES POUR UN SALARIE A TAUX PLEIN ",
            )
        ],
        pytest.param(
            {"af_duree_heure_annuel_etp_valeur": "", "af_duree_heure_annuel_etp_id": "77"},
            {"rmi_libelle": OTHER_LABEL},
            "1820",
            FROM_KIND,
            id="another label",
        ),
        pytest.param(
            {"af_duree_heure_annuel_etp_valeur": "", "af_duree_heure_annuel_etp_id": "77"},
            {"rmi_valeur": "0"},
            "1820",
            FROM_KIND,
            id="0 in the referential",
        ),
        *[
            pytest.param(
                {
                    "af_duree_heure_annuel_etp_valeur": "0",
                    "af_duree_heure_annuel_etp_id": "",
                    "af_mesure_dispositif_code": measure,
                },
                {},
                base,
                FROM_KIND,
                id=f"of {measure}",
            )
            for measure, base in (
                ("ACI_DC", "1820"),
                ("ACI_MP", "1820"),
                ("EI_MP", "1505"),
                ("ETTI_DC", "1600"),
                ("AI_DC", "1607"),
                ("EITI_DC", "1505"),
                ("ACIPA_DC", "1820"),
                ("EIPA_DC", "1505"),
            )
        ],
        pytest.param(
            {
                "af_duree_heure_annuel_etp_valeur": "",
                "af_etp_postes_insertion": "",
                "af_mesure_dispositif_code": "FDI_DC",
            },
            {},
            None,
            {},
            id="none for FDI",
        ),
        pytest.param(
            {
                "af_duree_heure_annuel_etp_valeur": "",
                "af_mesure_dispositif_code": "CUI_DC",
            },
            {},
            None,
            {"unknown-measure": 1},
            id="none for an unknown measure",
        ),
    ],
)
def test_hours_base(
    tmp_path: Path, change: Change, amount: Change, base: str | None, warnings: dict[str, int]
) -> None:
    assert annex(tmp_path, NO_AMOUNTS | change, amount) == (base, warnings)


@pytest.mark.parametrize("measure", ["CUI_DC", "ACI", "ACI_XX", "aci_dc"])
def test_unknown_measure(tmp_path: Path, measure: str) -> None:
    change = {"af_mesure_dispositif_code": measure}
    assert annex(tmp_path, change, {})[1] == {"unknown-measure": 1}


@pytest.mark.parametrize(
    ("change", "warned"),
    [
        pytest.param({}, [], id="12 months"),
        pytest.param({"af_montant_total_annuel": "239210.01"}, ["total-not-by-rule"], id="a cent"),
        pytest.param(
            {"af_montant_total_annuel": "1", "af_etat_annexe_financiere_code": "REJETE"},
            ["total-not-by-rule"],
            id="whatever its state",
        ),
        pytest.param({"af_montant_total_annuel": ""}, [], id="no total"),
        pytest.param({"af_montant_unitaire_annuel_valeur": ""}, [], id="no unit amount"),
        pytest.param(
            {"af_etp_postes_insertion": "0", "af_montant_total_annuel": "0.00"}, [], id="no posts"
        ),
        pytest.param(
            {
                "af_etp_postes_insertion": "8",
                "af_montant_unitaire_annuel_valeur": "1619",
                "af_date_debut_effet": "15/03/2026",
                "af_date_fin_effet": "15/09/2026",
                "af_montant_total_annuel": "7555.31",
            },
            [],
            id="7 months, rounded before multiplying",
        ),
        pytest.param({"af_mt_cofinance": "239210"}, [], id="cofinanced whole"),
        pytest.param(
            {"af_mt_cofinance": "239210.01"}, ["cofinancing-over-total"], id="cofinanced above"
        ),
        pytest.param(
            {"af_mt_cofinance": "1", "af_montant_total_annuel": "0"},
            ["total-not-by-rule"],
            id="nothing is above a total of 0",
        ),
    ],
)
def test_amounts(tmp_path: Path, change: Change, warned: list[str]) -> None:
    assert annex(tmp_path, change, {})[1] == dict.fromkeys(warned, 1)


def test_rounding_is_half_up_before_multiplying() -> None:
    assert granted(Fraction("2.5"), Fraction("0.002"), 12) == Fraction("0.01")
    assert granted(Fraction(1), Fraction("0.06"), 3) == Fraction("0.03")
    assert granted(Fraction(8), Fraction(1619), 7) == Fraction("7555.31")


def test_months_touched_ignore_the_day() -> None:
    assert months_touched(date(2025, 7, 31), date(2026, 6, 1)) == 12
    assert months_touched(date(2026, 1, 1), date(2026, 1, 31)) == 1


def test_a_base_applies_from_its_date_and_the_earliest_before() -> None:
    early, late = hour_base("AI", date(2010, 1, 1)), hour_base("AI", date(2026, 1, 1))
    assert early is not None
    assert early == late
    assert (early.hours, early.paid_or_worked) == (1607, "worked")
    assert hour_base("FDI", date(2026, 1, 1)) is None
