"""The views of the feed that are read: columns in the order in which faults are looked for.

A view is read when it has an entry here; of the others only `DEB`, header, rows and `FIN` are.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import polars as pl

from services.ingest.readers.values import Kind


@dataclass(frozen=True, slots=True)
class Column:
    """A column used of a view.

    `required`: a row without it is rejected, and so is a file whose header lacks it. `or_else`:
    the column that may stand in for it. `but_for`: rows that may lack it, over the texts as
    delivered. `default`: what empty means. `not_before`: the date that this one may not precede.
    `only_without`: the column before it beside which it is not used, nor looked at.
    """

    name: str
    kind: Kind = Kind.TEXT
    required: bool = False
    or_else: str | None = None
    but_for: pl.Expr | None = None
    default: int | None = None
    not_before: str | None = None
    only_without: str | None = None


@dataclass(frozen=True, slots=True)
class View:
    """A view that is read. Two rows of one `key` are a repetition; the values of the columns
    `naming_persons`, and of misfit rows when `names_persons`, are never shown."""

    name: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    naming_persons: frozenset[str] = frozenset()
    names_persons: bool = False


_NO_POSTS: Final = pl.col("af_mesure_dispositif_code").str.contains(r"^\s*FDI(?:_|\s*$)")
_PERSON: Final = pl.col("emi_pph_id").str.strip_chars().str.len_bytes() > 0

_STRUCTURE: Final = View(
    "Structure",
    ("structure_id_siae",),
    (
        Column("structure_id_siae", Kind.ID, required=True),
        Column("structure_siret_signature", Kind.CODE),
        Column("structure_siret_actualise", Kind.CODE),
        Column("structure_denomination"),
        Column("structure_adresse_admin_commune"),
        Column("structure_adresse_admin_code_insee", Kind.CODE),
        Column("structure_adresse_mail_corresp_technique"),
    ),
)
_ANNEX: Final = View(
    "AnnexeFinanciere",
    ("af_id_avenant_modification",),
    (
        Column("af_id_structure", Kind.ID, required=True),
        Column("af_numero_convention"),
        Column("af_mesure_dispositif_code", Kind.CODE, required=True),
        Column("af_numero_annexe_financiere", Kind.CODE, required=True),
        Column("af_numero_avenant_renouvellement", Kind.COUNT, default=0),
        Column("af_numero_avenant_modification", Kind.COUNT, default=0),
        Column("af_id_annexe_financiere", Kind.ID, required=True),
        Column("af_id_avenant_modification", Kind.ID, required=True),
        Column("af_etat_annexe_financiere_code", Kind.ANNEX_STATE, required=True),
        Column("af_date_debut_effet", Kind.DATE, required=True),
        Column("af_date_fin_effet", Kind.DATE, required=True, not_before="af_date_debut_effet"),
        Column("af_etp_postes_insertion", Kind.NUMBER, required=True, but_for=_NO_POSTS),
        Column("af_duree_heure_annuel_etp_id", Kind.ID),
        Column("af_duree_heure_annuel_etp_valeur", Kind.NUMBER),
        Column("af_montant_unitaire_annuel_valeur", Kind.NUMBER),
        Column("af_montant_total_annuel", Kind.NUMBER),
        Column("af_mt_cofinance", Kind.NUMBER),
        Column("af_id_financeur_code"),
        Column("af_date_signature", Kind.DATE),
        Column("af_date_reception_asp", Kind.DATE),
        Column("af_date_etat_valide", Kind.DATE),
    ),
)
_LINE: Final = View(
    "EtatMensuelIndiv",
    ("emi_dsm_id", "emi_sme_version"),
    (
        Column("emi_afi_id", Kind.ID, required=True),
        Column("emi_sme_annee", Kind.YEAR, required=True),
        Column("emi_sme_mois", Kind.MONTH, required=True),
        Column("emi_esm_etat_code", Kind.MONTH_STATE, required=True),
        Column("emi_sme_version", Kind.COUNT, default=1),
        Column("emi_date_validation", Kind.DATE),
        Column("emi_ctr_id", Kind.ID, required=True, or_else="emi_pph_id", but_for=_PERSON),
        Column("emi_pph_id", Kind.ID, only_without="emi_ctr_id"),
        Column("emi_nb_heures_travail", Kind.NUMBER, required=True),
        Column("emi_part_etp", Kind.NUMBER),
        Column("emi_date_fin_reelle", Kind.DATE),
        Column("emi_motif_sortie_id", Kind.ID),
        Column("emi_dsm_id", Kind.ID, required=True),
    ),
    naming_persons=frozenset({"emi_pph_id"}),
)
_AMOUNT: Final = View(
    "RefMontantIae",
    ("rmi_id",),
    (
        Column("rmi_id", Kind.ID, required=True),
        Column("rmi_code", Kind.CODE),
        Column("rmi_libelle"),
        Column("rmi_valeur", Kind.NUMBER, required=True),
        Column("rmi_date_debut_effet", Kind.DATE),
        Column("rmi_date_fin_effet", Kind.DATE, not_before="rmi_date_debut_effet"),
        Column("code_dpt", Kind.CODE),
    ),
)

_REASON: Final = View(
    "RefMotifSort",
    ("rms_id",),
    (
        Column("rms_id", Kind.ID, required=True),
        Column("rms_libelle"),
        Column("rcs_id", Kind.ID),
    ),
)
_CATEGORY: Final = View(
    "RefCategorieSort",
    ("rcs_id",),
    (Column("rcs_id", Kind.ID, required=True), Column("rcs_libelle")),
)
_PERSON_ROW: Final = View(
    "Salarie",
    ("salarie_id",),
    (Column("salarie_id", Kind.ID, required=True), Column("salarie_nir", Kind.CODE)),
    naming_persons=frozenset({"salarie_id", "salarie_nir"}),
    names_persons=True,
)
_CONTRACT: Final = View(
    "ContratMission",
    ("contrat_id_ctr",),
    (
        Column("contrat_id_ctr", Kind.ID, required=True),
        Column("contrat_id_pph", Kind.ID, required=True),
        Column("contrat_id_structure", Kind.ID, required=True),
        Column("contrat_mesure_disp_code", Kind.CODE),
        Column("contrat_type_contrat", Kind.COUNT),
        Column("contrat_format_contrat_code", Kind.CODE),
        Column("contrat_date_embauche", Kind.DATE, required=True),
        Column("contrat_date_fin_contrat", Kind.DATE, not_before="contrat_date_embauche"),
        Column("contrat_date_sortie_definitive", Kind.DATE, not_before="contrat_date_embauche"),
        Column("contrat_motif_sortie_id", Kind.ID),
        Column("contrat_orienteur_code", Kind.CODE),
        Column("contrat_salarie_rsa", Kind.CODE),
        Column("contrat_salarie_ass", Kind.FLAG),
        Column("contrat_salarie_aah", Kind.FLAG),
    ),
    naming_persons=frozenset({"contrat_id_pph"}),
)

VIEWS: Final[Mapping[str, View]] = MappingProxyType(
    {
        view.name: view
        for view in (
            *(_AMOUNT, _REASON, _CATEGORY, _STRUCTURE),
            *(_ANNEX, _LINE, _PERSON_ROW, _CONTRACT),
        )
    }
)
"""The views read, in the order in which a delivery is: annexes before the lines they own."""
