"""A delivery of the ASP's feed as declarations: what can be read, what is rejected left out."""

import re
from datetime import datetime
from fractions import Fraction
from pathlib import Path

from tests.oracle_rows import RefusedError, Row, view_rows
from tests.oracle_rules import LEAST_ADVANCED_FIRST, Declarations, Line, Version

HOURS_LABEL = "Nombre d'heures annuelles théoriques pour un salarié à taux plein"
ANNEX_STATES = (
    "BROUILLON",
    "SAISI",
    "REJETE",
    "PROVISOIRE",
    "VALIDE",
    "HISTORISE",
    "CLOTURE",
    "ANNULE",
)
REQUIRED = {
    "Structure": "structure_id_siae",
    "AnnexeFinanciere": "af_id_structure af_mesure_dispositif_code af_numero_annexe_financiere"
    " af_id_annexe_financiere af_id_avenant_modification af_etat_annexe_financiere_code"
    " af_date_debut_effet af_date_fin_effet af_etp_postes_insertion",
    "EtatMensuelIndiv": "emi_afi_id emi_sme_annee emi_sme_mois emi_esm_etat_code"
    " emi_nb_heures_travail emi_dsm_id",
    "RefMontantIae": "rmi_id rmi_valeur",
}


class RejectedError(ValueError):
    """A row that is as if it were not delivered."""


def declarations(feed: Path) -> Declarations:
    """What one whole delivery declares, with the hours bases of its own referential."""
    return Declarations(_structures(feed), _annexes(feed), _months(feed))


def _structures(feed: Path) -> dict[int, str]:
    codes: dict[int, str] = {}
    for row in _rows(feed, "Structure"):
        try:
            structure_id = integer_of(row, "structure_id_siae")
        except RejectedError:
            continue
        codes.setdefault(structure_id, row.get("structure_adresse_admin_code_insee", ""))
    return codes


def _bases(feed: Path) -> dict[int, Fraction]:
    """Hours of one yearly ETP by `rmi_id`; the referential's other amounts have no part here."""
    first: dict[int, tuple[str, Fraction]] = {}
    for row in _rows(feed, "RefMontantIae"):
        try:
            identifier = integer_of(row, "rmi_id")
            value = number_of(row, "rmi_valeur")
            starts, ends = day_of(row, "rmi_date_debut_effet"), day_of(row, "rmi_date_fin_effet")
            if value is None or (starts and ends and ends < starts):
                continue
        except RejectedError:
            continue
        first.setdefault(identifier, (row.get("rmi_libelle", ""), value))
    return {
        identifier: value for identifier, (label, value) in first.items() if label == HOURS_LABEL
    }


def _annexes(feed: Path) -> list[Version]:
    bases = _bases(feed)
    first: dict[int, Version] = {}
    for row in _rows(feed, "AnnexeFinanciere"):
        try:
            version = _version(row, bases)
        except RejectedError:
            continue
        first.setdefault(version.amendment_id, version)
    return list(first.values())


def _version(row: Row, bases: dict[int, Fraction]) -> Version:
    measure = _text(row, "af_mesure_dispositif_code")
    starts, ends = day_of(row, "af_date_debut_effet"), day_of(row, "af_date_fin_effet")
    posts = number_of(row, "af_etp_postes_insertion")
    grant_without_posts = measure.partition("_")[0] == "FDI"
    if not starts or not ends or ends < starts or (posts is None and not grant_without_posts):
        raise RejectedError
    for column in ("af_date_signature", "af_date_reception_asp", "af_date_etat_valide"):
        day_of(row, column)
    base = number_of(row, "af_duree_heure_annuel_etp_valeur")
    referential = bases.get(integer_of(row, "af_duree_heure_annuel_etp_id", default=-1))
    return Version(
        annex_id=integer_of(row, "af_id_annexe_financiere"),
        amendment_id=integer_of(row, "af_id_avenant_modification"),
        structure_id=integer_of(row, "af_id_structure"),
        number=_text(row, "af_numero_annexe_financiere"),
        measure=measure,
        renewal=integer_of(row, "af_numero_avenant_renouvellement", default=0),
        amendment=integer_of(row, "af_numero_avenant_modification", default=0),
        state=one_of(ANNEX_STATES, row, "af_etat_annexe_financiere_code"),
        starts_on=starts,
        ends_on=ends,
        contracted=posts or Fraction(0),
        base=base or referential,
        unit_amount=number_of(row, "af_montant_unitaire_annuel_valeur"),
        total=number_of(row, "af_montant_total_annuel"),
        cofinanced=number_of(row, "af_mt_cofinance"),
        received_on=day_of(row, "af_date_reception_asp"),
    )


def _months(feed: Path) -> dict[tuple[int, int], list[Line]]:
    months: dict[tuple[int, int], list[Line]] = {}
    seen: set[tuple[int, int]] = set()
    for row in _rows(feed, "EtatMensuelIndiv"):
        try:
            annex_id, month, line = _line(row)
        except RejectedError:
            continue
        key = line.line_id, line.version
        if key not in seen:
            seen.add(key)
            months.setdefault((annex_id, month), []).append(line)
    return months


def _line(row: Row) -> tuple[int, int, Line]:
    year, month = integer_of(row, "emi_sme_annee"), integer_of(row, "emi_sme_mois")
    hours = number_of(row, "emi_nb_heures_travail")
    if hours is None or not 1 <= month <= 12:
        raise RejectedError
    day_of(row, "emi_date_validation")
    day_of(row, "emi_date_fin_reelle")
    number_of(row, "emi_part_etp")
    integer_of(row, "emi_motif_sortie_id", default=0)
    owner: tuple[str, int | str]
    if row.get("emi_ctr_id"):
        owner = "contract", integer_of(row, "emi_ctr_id")
    else:
        owner = "person", integer_of(row, "emi_pph_id")
    line = Line(
        line_id=integer_of(row, "emi_dsm_id"),
        version=integer_of(row, "emi_sme_version", default=1),
        state=one_of(LEAST_ADVANCED_FIRST, row, "emi_esm_etat_code"),
        hours=hours,
        owner=owner,
    )
    return integer_of(row, "emi_afi_id"), 12 * year + month - 1, line


def _rows(feed: Path, view: str) -> list[Row]:
    rows = view_rows(feed, view)
    if rows and not set(REQUIRED[view].split()) <= rows[0].keys():
        raise RefusedError(f"{view}: a required column lacks")
    return rows


def _text(row: Row, column: str) -> str:
    if not row.get(column):
        raise RejectedError
    return row[column]


def one_of(known: tuple[str, ...], row: Row, column: str) -> str:
    if row.get(column) not in known:
        raise RejectedError
    return row[column]


def integer_of(row: Row, column: str, default: int | None = None) -> int:
    value = row.get(column, "")
    if not value and default is not None:
        return default
    if not re.fullmatch(r"[0-9]+", value):
        raise RejectedError
    return int(value)


def number_of(row: Row, column: str) -> Fraction | None:
    value = row.get(column, "")
    if not value:
        return None
    if not re.fullmatch(r"[0-9]+(\.[0-9]+)?", value):
        raise RejectedError
    return Fraction(value)


def day_of(row: Row, column: str) -> str:
    """ISO, empty when unknown."""
    value = row.get(column, "")
    if not value:
        return ""
    found = re.fullmatch(r"([0-9]{2}/[0-9]{2}/[0-9]{4})( [0-9]{2}:[0-9]{2}:[0-9]{2})?", value)
    if found is None:
        raise RejectedError
    try:
        datetime.strptime(value, "%d/%m/%Y %H:%M:%S" if found[2] else "%d/%m/%Y")  # noqa: DTZ007 civil
    except ValueError:
        raise RejectedError from None
    day, month, year = found[1].split("/")
    return f"{year}-{month}-{day}"
