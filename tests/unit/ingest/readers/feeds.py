"""Tiny deliveries, written by hand."""

import gzip
from collections.abc import Mapping, Sequence
from pathlib import Path

import polars as pl

from services.ingest.readers.delivery import open_delivery
from services.ingest.readers.scan import Scan, scan

STAMP = "08112026_063004"
NO_OWNERS = pl.DataFrame(schema={"annex_id": pl.Int64, "structure_id": pl.Int64})

STRUCTURE = {
    "structure_id_siae": "101",
    "structure_siret_signature": "90000010100015",
    "structure_siret_actualise": "90000010100015",
    "structure_denomination": "LES JARDINS",
    "structure_adresse_admin_commune": "NANCY",
    "structure_adresse_admin_code_insee": "54395",
    "structure_adresse_mail_corresp_technique": "contact@example.org",
}
ANNEX = {
    "af_id_structure": "101",
    "af_numero_convention": "CONV",
    "af_mesure_dispositif_code": "ACI_DC",
    "af_numero_annexe_financiere": "ACI054260001",
    "af_numero_avenant_renouvellement": "0",
    "af_numero_avenant_modification": "0",
    "af_id_annexe_financiere": "2001",
    "af_id_avenant_modification": "20010",
    "af_etat_annexe_financiere_code": "VALIDE",
    "af_date_debut_effet": "01/01/2026",
    "af_date_fin_effet": "31/12/2026",
    "af_etp_postes_insertion": "10",
    "af_duree_heure_annuel_etp_id": "11",
    "af_duree_heure_annuel_etp_valeur": "1820",
    "af_montant_unitaire_annuel_valeur": "23921",
    "af_montant_total_annuel": "239210.00",
    "af_mt_cofinance": "",
    "af_id_financeur_code": "",
    "af_date_signature": "",
    "af_date_reception_asp": "05/01/2026 00:00:00",
    "af_date_etat_valide": "",
}
LINE = {
    "emi_afi_id": "2001",
    "emi_sme_annee": "2026",
    "emi_sme_mois": "1",
    "emi_esm_etat_code": "VALIDE",
    "emi_sme_version": "1",
    "emi_date_validation": "28/01/2026",
    "emi_ctr_id": "10101",
    "emi_pph_id": "80101",
    "emi_nb_heures_travail": "100",
    "emi_part_etp": "0.6593",
    "emi_date_fin_reelle": "",
    "emi_motif_sortie_id": "",
    "emi_dsm_id": "600001",
}
AMOUNT = {
    "rmi_id": "77",
    "rmi_code": "DUR_AN_ETP",
    "rmi_libelle": "Nombre d'heures annuelles théoriques pour un salarié à taux plein",
    "rmi_valeur": "1700",
    "rmi_date_debut_effet": "01/01/2020",
    "rmi_date_fin_effet": "",
    "code_dpt": "",
}
CONTRACT = {
    "contrat_id_ctr": "10101",
    "contrat_id_pph": "80101",
    "contrat_id_structure": "101",
    "contrat_mesure_disp_code": "ACI_DC",
    "contrat_type_contrat": "0",
    "contrat_format_contrat_code": "1",
    "contrat_date_embauche": "01/01/2026",
    "contrat_date_fin_contrat": "31/12/2026",
    "contrat_date_sortie_definitive": "",
    "contrat_motif_sortie_id": "",
    "contrat_orienteur_code": "1",
    "contrat_salarie_rsa": "OUI-M",
    "contrat_salarie_ass": "false",
    "contrat_salarie_aah": "true",
}
PERSON = {"salarie_id": "80101", "salarie_nir": "237329910734138", "salarie_nom_usage": "ZZNOM"}
REASON = {"rms_id": "1", "rms_code": "10", "rms_libelle": "Inactif", "rcs_id": "4"}
CATEGORY = {"rcs_id": "4", "rcs_code": "4", "rcs_libelle": "Autres sorties"}
VIEWS = {
    "Structure": STRUCTURE,
    "AnnexeFinanciere": ANNEX,
    "EtatMensuelIndiv": LINE,
    "RefMontantIae": AMOUNT,
    "ContratMission": CONTRACT,
    "Salarie": PERSON,
    "RefMotifSort": REASON,
    "RefCategorieSort": CATEGORY,
}


def text_of(
    view: str, header: str, lines: Sequence[str], rows: int | None = None, stamp: str = STAMP
) -> str:
    """A file of a view: `rows` is what FIN says, the number of lines when not given."""
    count = len(lines) if rows is None else rows
    pad = "|" * header.count("|")
    return "\n".join((f"DEB{view}{stamp}{pad}", header, *lines, f"FIN{count}{pad}", ""))


def rows_of(view: str, *changes: Mapping[str, str]) -> tuple[str, list[str]]:
    """(header, rows): the view's good row, once for each set of changed values."""
    good = VIEWS[view]
    return "|".join(good), ["|".join((good | dict(change)).values()) for change in changes]


def write(folder: Path, view: str, text: str | bytes, stamp: str = STAMP) -> Path:
    """One file of a delivery, gzip."""
    folder.mkdir(exist_ok=True)
    path = folder / f"fluxIAE_{view}_{stamp}.csv.gz"
    path.write_bytes(gzip.compress(text.encode() if isinstance(text, str) else text, mtime=0))
    return path


def scanned(
    tmp_path: Path,
    texts: Mapping[str, str | bytes],
    *,
    allow_truncated: bool = False,
    known_owners: pl.DataFrame = NO_OWNERS,
    block_bytes: int = 24 * 2**20,
) -> Scan:
    """The delivery of these texts by view, scanned."""
    feed = tmp_path / "feed"
    for view, text in texts.items():
        write(feed, view, text)
    return scan(
        open_delivery([feed], tmp_path),
        tmp_path,
        allow_truncated=allow_truncated,
        known_owners=known_owners,
        progress=lambda _: None,
        block_bytes=block_bytes,
    )


def scanned_rows(tmp_path: Path, view: str, *changes: Mapping[str, str]) -> Scan:
    """A delivery of one view, scanned: its good row with these changes, one row each."""
    return scanned(tmp_path, {view: text_of(view, *rows_of(view, *changes))})


def rejects_of(read: Scan) -> list[tuple[int, str, str, str]]:
    """(line, column, code, value) of every reject."""
    return [
        row
        for frame in read.rejects()
        for row in frame.select("line", "column", "code", "value").iter_rows()
    ]
