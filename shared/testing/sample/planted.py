"""Which difficulties are planted in each view, and the code under which a reader reports them."""

from decimal import Decimal

from shared.testing.sample.layouts import Layout, Row
from shared.testing.sample.oddities import Oddity, added, plant, replaced, twice
from shared.testing.sample.structures import Structure

TOO_MANY = "X|X"
"""A value that adds a column to its row."""
IN_PIECES = "LIGNE 1\nLIGNE 2"
AMENDMENT = "af_id_avenant_modification"


def _amendment(rank: int, **values: str) -> Oddity:
    return added(AMENDMENT, rank, 10_000, af_etat_annexe_financiere_code="SAISI", **values)


def _other_annex(row: Row, structure: Structure, **values: str) -> list[Row]:
    annex = structure.identifier(900, 1_000)
    own = {"af_id_annexe_financiere": str(annex), AMENDMENT: str(10 * annex)}
    return [row, row | own | values]


def _unknown_measure(row: Row, structure: Structure) -> list[Row]:
    return _other_annex(row, structure, af_mesure_dispositif_code="CUI_DC")


def _grant_without_posts(row: Row, structure: Structure) -> list[Row]:
    number = f"FDI{row['af_numero_annexe_financiere'][-9:]}"
    return _other_annex(
        row,
        structure,
        af_mesure_dispositif_code="FDI_DC",
        af_numero_annexe_financiere=number,
        af_etp_postes_insertion="",
        af_duree_heure_annuel_etp_valeur="",
    )


def _cofinancing_over_total(row: Row, _: Structure) -> list[Row]:
    over = Decimal(row["af_montant_total_annuel"]) + 1_000
    return [row | {"af_mt_cofinance": str(over)}]


ANNEXES: tuple[Oddity, ...] = (
    twice(),
    _amendment(1, af_date_fin_effet="01/01/2001"),
    _amendment(2, af_date_debut_effet="31/02/2026"),
    added(AMENDMENT, 3, 10_000, af_etat_annexe_financiere_code="SUSPENDU"),
    _amendment(4, af_etp_postes_insertion="-4"),
    _amendment(5, af_etp_postes_insertion="2,5"),
    _amendment(6, af_etp_postes_insertion=""),
    _amendment(7, af_date_reception_asp=TOO_MANY),
    twice(af_etp_postes_insertion="61"),
    replaced(af_montant_total_annuel="4321.00"),
    replaced(af_montant_total_annuel=""),
    _cofinancing_over_total,
    _unknown_measure,
    _grant_without_posts,
    replaced(af_description_action=IN_PIECES),
    lambda row, structure: _other_annex(row, structure, af_etp_postes_insertion="0"),
)

LINES: tuple[Oddity, ...] = (
    replaced(emi_nb_heures_travail="745"),
    added("emi_dsm_id", 1, emi_nb_heures_travail=""),
    added("emi_dsm_id", 2, emi_nb_heures_travail="-7"),
    added("emi_dsm_id", 3, emi_nb_heures_travail="12,5"),
    added("emi_dsm_id", 4, emi_date_validation="31/02/2026"),
    added("emi_dsm_id", 5, emi_esm_etat_code="VALIDEE"),
    added("emi_dsm_id", 6, emi_sme_mois="13"),
    added("emi_dsm_id", 7, emi_sme_annee="2O26"),
    twice(),
    twice(emi_nb_heures_travail="1"),
    added("emi_dsm_id", 8, emi_commentaire=TOO_MANY),
    lambda row, structure: [row | {"emi_afi_id": str(structure.identifier(999, 1_000))}],
    replaced(emi_ctr_id=""),
    added("emi_dsm_id", 9, emi_ctr_id="", emi_pph_id=""),
    replaced(emi_nb_heures_travail="75.50"),
    replaced(emi_esm_etat_code="SAISI", emi_date_validation=""),
    twice(emi_sme_version="3"),
    lambda row, _: [row | {"emi_sme_annee": str(int(row["emi_sme_annee"]) - 3)}],
    replaced(emi_commentaire=IN_PIECES),
    replaced(emi_nb_heures_travail="0"),
)

CONTRACTS: tuple[Oddity, ...] = (
    replaced(contrat_motif_sortie_id="99", contrat_motif_sortie_code="99"),
    added("contrat_id_ctr", 1, contrat_date_fin_contrat="01/01/2001"),
    added("contrat_id_ctr", 2, contrat_date_embauche=""),
    added("contrat_id_ctr", 3, contrat_date_embauche="1er mars"),
    twice(),
    twice(contrat_date_embauche="01/01/2001"),
    added("contrat_id_ctr", 4, contrat_mesure_disp_code=TOO_MANY),
    lambda row, _: [row, row | {"contrat_id_ctr": "1X"}],
)

PERSONS: tuple[Oddity, ...] = (
    replaced(salarie_nir=""),
    added("salarie_id", 1),
    lambda row, _: [row | {"salarie_nir": " ".join(row["salarie_nir"])}],
    replaced(salarie_nir="111111111111111"),
    twice(),
    added("salarie_id", 2, salarie_prenom=TOO_MANY),
    lambda row, _: [row, row | {"salarie_id": ""}],
    lambda row, _: [row | {"salarie_nir": f"{row['salarie_nir'][:13]}99"}],
)

STRUCTURES: tuple[Oddity, ...] = (
    replaced(structure_siret_signature="99000000000000", structure_siret_actualise="12"),
    replaced(structure_adresse_admin_code_insee=""),
    replaced(structure_denomination="LES JARDINS\nIMAGINAIRES"),
    replaced(structure_denomination="\"L'ATELIER FICTIF; LA TABLE, ET CIE"),
    twice(),
    lambda row, _: [row, row | {"structure_id_siae": ""}],
    lambda row, _: [row, row | {"structure_id_siae": "1", "structure_date_creation": TOO_MANY}],
    replaced(structure_adresse_mail_corresp_technique=""),
)

_TURNS = {
    "Salarie": (1, PERSONS),
    "AnnexeFinanciere": (3, ANNEXES),
    "Structure": (5, STRUCTURES),
    "EtatMensuelIndiv": (7, LINES),
    "ContratMission": (9, CONTRACTS),
}


def with_difficulties(
    lines: list[str], layout: Layout, structure: Structure, seed: int
) -> list[str]:
    """The rows of one view of a structure, with the difficulty planted there if there is one."""
    turn, oddities = _TURNS[layout.view]
    return plant(lines, layout, oddities, structure, seed=seed, turn=turn, among=_well_placed)


def _well_placed(row: Row) -> bool:
    """A counted annex, a validated line, a contract with an exit, any other row."""
    return (
        row.get("af_etat_annexe_financiere_code", "VALIDE") in ("VALIDE", "CLOTURE", "PROVISOIRE")
        and row.get("emi_esm_etat_code", "VALIDE") == "VALIDE"
        and row.get("contrat_date_sortie_definitive", "01/01/2026") != ""
    )
