"""Tiny deliveries in the ASP's format, written row by row for tests."""

import gzip
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

HOURS_LABEL = "Nombre d'heures annuelles théoriques pour un salarié à taux plein"

_COLUMNS = {
    "Structure": "structure_id_siae structure_siret_signature structure_siret_actualise"
    " structure_denomination structure_adresse_admin_commune"
    " structure_adresse_admin_code_insee structure_adresse_mail_corresp_technique",
    "AnnexeFinanciere": "af_id_structure af_numero_convention af_mesure_dispositif_code"
    " af_numero_annexe_financiere af_numero_avenant_renouvellement af_numero_avenant_modification"
    " af_id_annexe_financiere af_id_avenant_modification af_etat_annexe_financiere_code"
    " af_date_debut_effet af_date_fin_effet af_etp_postes_insertion af_duree_heure_annuel_etp_id"
    " af_duree_heure_annuel_etp_valeur af_montant_unitaire_annuel_valeur af_montant_total_annuel"
    " af_mt_cofinance af_id_financeur_code af_date_signature af_date_reception_asp"
    " af_date_etat_valide",
    "EtatMensuelIndiv": "emi_afi_id emi_sme_annee emi_sme_mois emi_esm_etat_code emi_sme_version"
    " emi_date_validation emi_ctr_id emi_pph_id emi_nb_heures_travail emi_part_etp"
    " emi_date_fin_reelle emi_motif_sortie_id emi_dsm_id",
    "ContratMission": "contrat_id_ctr contrat_id_pph contrat_id_structure"
    " contrat_mesure_disp_code contrat_type_contrat contrat_format_contrat_code"
    " contrat_date_embauche contrat_date_fin_contrat contrat_date_sortie_definitive"
    " contrat_motif_sortie_id contrat_orienteur_code contrat_salarie_rsa contrat_salarie_ass"
    " contrat_salarie_aah",
    "Salarie": "salarie_id salarie_nir salarie_nom_usage",
    "RefMotifSort": "rms_id rms_libelle rcs_id",
    "RefCategorieSort": "rcs_id rcs_libelle",
}
_ALWAYS = ("Structure", "AnnexeFinanciere", "EtatMensuelIndiv")


@dataclass
class Feed:
    """A delivery being written, row by row."""

    stamp: str = "08112026_063004"
    wider: Mapping[str, str] = field(default_factory=dict)
    """Columns of a view that nobody reads, after the others: names separated by spaces."""
    rows: dict[str, list[dict[str, Any]]] = field(
        default_factory=lambda: {view: [] for view in _COLUMNS}
    )
    _line_id: int = 0

    def structure(self, structure_id: int, **more: Any) -> None:
        """Add a structure of Paris."""
        row = {
            "structure_id_siae": structure_id,
            "structure_denomination": f"STRUCTURE {structure_id}",
            "structure_adresse_admin_code_insee": "75056",
            **more,
        }
        self.rows["Structure"].append(row)

    def annex(self, annex_id: int, structure_id: int, etp: object, **more: Any) -> None:
        """Add a version of an annex: EI of 2026 in department 93, VALIDE."""
        row = {
            "af_id_structure": structure_id,
            "af_mesure_dispositif_code": "EI_DC",
            "af_numero_annexe_financiere": f"EI09326{annex_id:04d}",
            "af_id_annexe_financiere": annex_id,
            "af_id_avenant_modification": annex_id * 10,
            "af_etat_annexe_financiere_code": "VALIDE",
            "af_date_debut_effet": "01/01/2026",
            "af_date_fin_effet": "31/12/2026",
            "af_etp_postes_insertion": etp,
            "af_duree_heure_annuel_etp_valeur": 1505,
            **more,
        }
        self.rows["AnnexeFinanciere"].append(row)

    def line(self, annex_id: int, year: int, month: int, hours: object, **more: Any) -> None:
        """Add a validated line of a contract of its own."""
        self._line_id += 1
        row = {
            "emi_afi_id": annex_id,
            "emi_sme_annee": year,
            "emi_sme_mois": month,
            "emi_esm_etat_code": "VALIDE",
            "emi_sme_version": 1,
            "emi_ctr_id": 900_000 + self._line_id,
            "emi_nb_heures_travail": hours,
            "emi_dsm_id": self._line_id,
            **more,
        }
        self.rows["EtatMensuelIndiv"].append(row)

    def contract(
        self, contract_id: object, person_id: object, structure_id: int, **more: Any
    ) -> None:
        """Add a first contract of 2026, of somebody without minimum income."""
        row = {
            "contrat_id_ctr": contract_id,
            "contrat_id_pph": person_id,
            "contrat_id_structure": structure_id,
            "contrat_mesure_disp_code": "EI_DC",
            "contrat_type_contrat": 0,
            "contrat_date_embauche": "01/01/2026",
            "contrat_salarie_rsa": "NON",
            **more,
        }
        self.rows["ContratMission"].append(row)

    def person(self, person_id: object, nir: object = None, **more: Any) -> None:
        """Add a row of Salarie."""
        self.rows["Salarie"].append({"salarie_id": person_id, "salarie_nir": nir, **more})

    def reason(self, reason_id: int, label: object, category_id: object = None) -> None:
        """Add an exit reason."""
        row = {"rms_id": reason_id, "rms_libelle": label, "rcs_id": category_id}
        self.rows["RefMotifSort"].append(row)

    def category(self, category_id: int, label: object) -> None:
        """Add a category of exit reasons."""
        self.rows["RefCategorieSort"].append({"rcs_id": category_id, "rcs_libelle": label})

    def write(self, folder: Path, views: Sequence[str] | None = None) -> Path:
        """Write the files of `views`, by default those that every delivery holds and those that
        have rows; the folder."""
        folder.mkdir(parents=True, exist_ok=True)
        if views is None:
            views = [view for view, rows in self.rows.items() if rows or view in _ALWAYS]
        for view in views:
            name = f"fluxIAE_{view}_{self.stamp}.csv.gz"
            (folder / name).write_bytes(gzip.compress(self.text(view).encode(), mtime=0))
        return folder

    def text(self, view: str) -> str:
        """A view as delivered."""
        columns = f"{_COLUMNS[view]} {self.wider.get(view, '')}".split()
        bars = "|" * (len(columns) - 1)
        lines = [f"DEB{view}{self.stamp}{bars}", "|".join(columns)]
        lines += ["|".join(_text(row, column) for column in columns) for row in self.rows[view]]
        return "\n".join([*lines, f"FIN{len(self.rows[view])}{bars}", ""])


def _text(row: Mapping[str, Any], column: str) -> str:
    value = row.get(column)
    return "" if value is None else str(value)
