"""Annexes as rows of AnnexeFinanciere, one an amendment."""

from datetime import date, timedelta

from shared.testing.sample.annexes import Annex, Version
from shared.testing.sample.layouts import Row
from shared.testing.sample.months import day_of, feed_date
from shared.testing.sample.request import SampleRequest
from shared.testing.sample.structures import Structure

DECIDED = {"PROVISOIRE", "VALIDE", "HISTORISE", "CLOTURE", "ANNULE"}


def decimal_text(hundredths: int) -> str:
    """Hundredths as the feed writes them: `12`, `12.5`, `1079.33`."""
    whole, rest = divmod(hundredths, 100)
    return f"{whole}.{rest:02d}".rstrip("0") if rest else str(whole)


def cents_text(cents: int) -> str:
    """An amount with its two decimals."""
    return f"{cents // 100}.{cents % 100:02d}"


def annex_rows(structure: Structure, annex: Annex, request: SampleRequest) -> list[Row]:
    """The rows of every amendment of an annex, oldest first."""
    return [_row(structure, annex, version, request) for version in annex.versions]


def _row(structure: Structure, annex: Annex, version: Version, request: SampleRequest) -> Row:
    signed = _signature(annex, version, request)
    decided = signed + timedelta(days=12) if version.state in DECIDED else None
    row = {
        "af_id_structure": str(structure.id),
        "af_numero_convention": f"CONV {annex.number} {structure.id}",
        "af_mesure_dispositif_code": annex.site.measure,
        "af_numero_annexe_financiere": annex.number,
        "af_numero_avenant_renouvellement": str(annex.renewal),
        "af_numero_avenant_modification": str(version.amendment),
        "af_id_annexe_financiere": str(annex.id),
        "af_id_avenant_modification": str(10 * annex.id + version.amendment),
        "af_etat_annexe_financiere_code": version.state,
        "af_date_debut_effet": feed_date(version.starts_on),
        "af_date_fin_effet": feed_date(version.ends_on),
        "af_etp_postes_insertion": decimal_text(version.posts),
        "af_duree_heure_annuel_etp_id": annex.base.reference,
        "af_duree_heure_annuel_etp_code": "DUR_AN_ETP",
        "af_duree_heure_annuel_etp_valeur": annex.base.written,
        "af_montant_unitaire_annuel_valeur": str(version.unit),
        "af_montant_total_annuel": cents_text(version.total),
        "af_indic_cofinancement": "true" if version.cofinanced else "false",
        "af_indic_perimetre_milieu_penitentiaire": "true" if annex.site.prison else "false",
        "af_description_action": "ACTION FICTIVE",
        "af_date_signature": feed_date(signed),
        "af_date_reception_asp": f"{feed_date(signed + timedelta(days=5))} 00:00:00",
        "af_date_etat_valide": feed_date(decided),
    }
    if version.cofinanced:
        row["af_mt_cofinance"] = cents_text(version.cofinanced)
        row["af_id_financeur_code"] = f"CD {structure.department}"
    return row


def _signature(annex: Annex, version: Version, request: SampleRequest) -> date:
    """Before the period's start, an amendment some months later; never after the feed's end."""
    asked = version.starts_on + timedelta(days=75 * version.amendment + annex.id % 20 - 10)
    return min(asked, day_of(request.last_month, 20))
