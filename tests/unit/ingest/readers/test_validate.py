"""Which rows are rejected, on which column, under which code; what the others become."""

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from tests.unit.ingest.readers.feeds import (
    rejects_of,
    rows_of,
    scanned,
    scanned_rows,
    text_of,
)

Change = dict[str, str]


@pytest.mark.parametrize(
    ("view", "change", "reject"),
    [
        ("Structure", {"structure_id_siae": ""}, ("structure_id_siae", "missing-value", "")),
        *[
            ("AnnexeFinanciere", {column: " "}, (column, "missing-value", ""))
            for column in (
                *("af_id_structure", "af_mesure_dispositif_code", "af_numero_annexe_financiere"),
                *("af_id_annexe_financiere", "af_id_avenant_modification"),
                *("af_etat_annexe_financiere_code", "af_date_debut_effet", "af_date_fin_effet"),
                "af_etp_postes_insertion",
            )
        ],
        *[
            ("EtatMensuelIndiv", {column: ""}, (column, "missing-value", ""))
            for column in (
                *("emi_afi_id", "emi_sme_annee", "emi_sme_mois", "emi_esm_etat_code"),
                *("emi_nb_heures_travail", "emi_dsm_id"),
            )
        ],
        (
            "EtatMensuelIndiv",
            {"emi_ctr_id": "", "emi_pph_id": " "},
            ("emi_ctr_id", "missing-value", ""),
        ),
        ("RefMontantIae", {"rmi_id": ""}, ("rmi_id", "missing-value", "")),
        ("RefMontantIae", {"rmi_valeur": ""}, ("rmi_valeur", "missing-value", "")),
        ("RefMontantIae", {"rmi_valeur": "-1"}, ("rmi_valeur", "negative-number", "-1")),
        (
            "RefMontantIae",
            {"rmi_date_fin_effet": "31/12/2019"},
            ("rmi_date_fin_effet", "end-before-start", "31/12/2019"),
        ),
        *[
            ("AnnexeFinanciere", {column: "12,5"}, (column, "unreadable-number", "12,5"))
            for column in (
                *("af_id_structure", "af_numero_avenant_modification", "af_etp_postes_insertion"),
                *("af_duree_heure_annuel_etp_id", "af_duree_heure_annuel_etp_valeur"),
                *("af_montant_unitaire_annuel_valeur", "af_montant_total_annuel"),
                "af_mt_cofinance",
            )
        ],
        *[
            ("AnnexeFinanciere", {column: "le 3 mars"}, (column, "unreadable-date", "le 3 mars"))
            for column in (
                *("af_date_debut_effet", "af_date_fin_effet", "af_date_signature"),
                *("af_date_reception_asp", "af_date_etat_valide"),
            )
        ],
        (
            "AnnexeFinanciere",
            {"af_etat_annexe_financiere_code": "REJETE", "af_date_signature": "32/01/2026"},
            ("af_date_signature", "unreadable-date", "32/01/2026"),
        ),
        (
            "AnnexeFinanciere",
            {"af_etat_annexe_financiere_code": "SUSPENDU"},
            ("af_etat_annexe_financiere_code", "unknown-state", "SUSPENDU"),
        ),
        (
            "AnnexeFinanciere",
            {"af_date_fin_effet": "31/12/2025"},
            ("af_date_fin_effet", "end-before-start", "31/12/2025"),
        ),
        (
            "EtatMensuelIndiv",
            {"emi_nb_heures_travail": "-5"},
            ("emi_nb_heures_travail", "negative-number", "-5"),
        ),
        ("EtatMensuelIndiv", {"emi_afi_id": "-5"}, ("emi_afi_id", "unreadable-number", "-5")),
        ("EtatMensuelIndiv", {"emi_afi_id": "+5"}, ("emi_afi_id", "unreadable-number", "+5")),
        ("EtatMensuelIndiv", {"emi_sme_mois": "13"}, ("emi_sme_mois", "month-out-of-range", "13")),
        (
            "EtatMensuelIndiv",
            {"emi_esm_etat_code": "CLOS"},
            ("emi_esm_etat_code", "unknown-state", "CLOS"),
        ),
        (
            "EtatMensuelIndiv",
            {"emi_ctr_id": "", "emi_pph_id": "8X"},
            ("emi_pph_id", "unreadable-number", "***"),
        ),
        ("EtatMensuelIndiv", {"emi_part_etp": "x"}, ("emi_part_etp", "unreadable-number", "x")),
        (
            "EtatMensuelIndiv",
            {"emi_date_fin_reelle": "x" * 500},
            ("emi_date_fin_reelle", "unreadable-date", "x" * 200),
        ),
        (
            "EtatMensuelIndiv",
            {"emi_motif_sortie_id": "A"},
            ("emi_motif_sortie_id", "unreadable-number", "A"),
        ),
        ("EtatMensuelIndiv", {"emi_dsm_id": "1|2"}, ("", "column-count", "14")),
    ],
)
def test_one_fault(tmp_path: Path, view: str, change: Change, reject: tuple[str, ...]) -> None:
    read = scanned_rows(tmp_path, view, change, {})
    assert rejects_of(read) == [(3, *reject)]
    counts = read.views[view]
    assert (counts.rows, counts.accepted, counts.rejected, counts.ignored) == (2, 1, 1, 0)


@pytest.mark.parametrize(
    ("view", "change", "column"),
    [
        (
            "AnnexeFinanciere",
            {"af_date_fin_effet": "31/12/2025", "af_etat_annexe_financiere_code": "?"},
            "af_etat_annexe_financiere_code",
        ),
        (
            "AnnexeFinanciere",
            {"af_date_fin_effet": "31/12/2025", "af_etp_postes_insertion": ""},
            "af_date_fin_effet",
        ),
        (
            "AnnexeFinanciere",
            {"af_date_signature": "x", "af_mt_cofinance": "-1"},
            "af_mt_cofinance",
        ),
        (
            "EtatMensuelIndiv",
            {"emi_dsm_id": "", "emi_ctr_id": "", "emi_pph_id": "", "emi_sme_annee": "x"},
            "emi_sme_annee",
        ),
    ],
)
def test_the_first_fault_in_the_order_of_the_table(
    tmp_path: Path, view: str, change: Change, column: str
) -> None:
    assert [reject[1] for reject in rejects_of(scanned_rows(tmp_path, view, change))] == [column]


def test_every_reject_bears_a_reason_in_french(tmp_path: Path) -> None:
    read = scanned_rows(
        tmp_path,
        "EtatMensuelIndiv",
        {"emi_dsm_id": "x"},
        {"emi_nb_heures_travail": "x"},
        {"emi_sme_mois": "13"},
    )
    frame = pl.concat(read.rejects())
    assert frame["reason"].to_list() == [
        "nombre illisible : seuls des chiffres sont attendus",
        "nombre illisible : des chiffres et au plus un point sont attendus",
        "le mois n'est pas entre 1 et 12",
    ]


@pytest.mark.parametrize("measure", ["FDI_DC", "FDI_MP", " FDI_DC"])
def test_only_an_fdi_row_may_lack_posts(tmp_path: Path, measure: str) -> None:
    change = {"af_mesure_dispositif_code": measure, "af_etp_postes_insertion": ""}
    assert rejects_of(scanned_rows(tmp_path, "AnnexeFinanciere", change)) == []


def test_a_line_ends_after_its_validation_or_before(tmp_path: Path) -> None:
    change = {"emi_date_fin_reelle": "15/01/2026"}
    assert rejects_of(scanned_rows(tmp_path, "EtatMensuelIndiv", change)) == []


def test_accepted_values_are_typed(tmp_path: Path) -> None:
    change = {
        "emi_afi_id": " 02001 ",
        "emi_sme_mois": "01",
        "emi_sme_version": "",
        "emi_nb_heures_travail": " 075.50 ",
        "emi_esm_etat_code": " VALIDE",
        "emi_date_validation": "28/01/2026 10:00:00",
        "emi_part_etp": "0.0000",
    }
    (row,) = scanned_rows(tmp_path, "EtatMensuelIndiv", change).lines(0).to_dicts()
    assert row == {
        "line": 3,
        "emi_afi_id": 2001,
        "emi_sme_annee": 2026,
        "emi_sme_mois": 1,
        "emi_esm_etat_code": "VALIDE",
        "emi_sme_version": 1,
        "emi_date_validation": date(2026, 1, 28),
        "emi_ctr_id": 10101,
        "emi_pph_id": None,
        "emi_nb_heures_travail": "75.5",
        "emi_part_etp": "0",
        "emi_date_fin_reelle": None,
        "emi_motif_sortie_id": None,
        "emi_dsm_id": 600001,
        "owner": 2001,
    }


def test_a_person_is_used_only_without_contract(tmp_path: Path) -> None:
    changes = [{"emi_ctr_id": " "}, {"emi_pph_id": "DUPONT"}, {"emi_pph_id": ""}]
    numbered = [{"emi_dsm_id": str(at), **change} for at, change in enumerate(changes)]
    read = scanned_rows(tmp_path, "EtatMensuelIndiv", *numbered)
    assert rejects_of(read) == []
    ids = read.lines(0).select("emi_ctr_id", "emi_pph_id").rows()
    assert ids == [(None, 80101), (10101, None), (10101, None)]


def test_texts_are_stripped_and_empty_ones_unknown(tmp_path: Path) -> None:
    change = {
        "structure_denomination": ' "REGAIN\nDU LAC; ET CIE ',
        "structure_adresse_admin_commune": "  ",
    }
    header, rows = rows_of("Structure", change)
    lines = rows[0].split("\n")
    text = text_of("Structure", header, lines, rows=1)
    (row,) = scanned(tmp_path, {"Structure": text}).structures.to_dicts()
    assert row["structure_denomination"] == '"REGAIN DU LAC; ET CIE'
    assert row["structure_adresse_admin_commune"] is None


def test_texts_are_as_long_as_events_may_hold(tmp_path: Path) -> None:
    change = {
        "structure_denomination": "é" * 2_000,
        "structure_adresse_admin_code_insee": "5" * 200,
    }
    (row,) = scanned_rows(tmp_path, "Structure", change).structures.to_dicts()
    assert row["structure_denomination"] == "é" * 1_000
    assert row["structure_adresse_admin_code_insee"] == "5" * 80


def test_renewal_and_amendment_are_0_when_empty(tmp_path: Path) -> None:
    change = {"af_numero_avenant_renouvellement": "", "af_numero_avenant_modification": " "}
    (row,) = scanned_rows(tmp_path, "AnnexeFinanciere", change).annexes.to_dicts()
    assert row["af_numero_avenant_renouvellement"] == 0
    assert row["af_numero_avenant_modification"] == 0
