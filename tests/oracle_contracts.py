"""Contracts, persons and exits of a delivery, read plainly: to compare with, nothing of services.

A person is told by its identity, not by a pseudonym: ("nir", structure, 13 characters) or
("person-id", structure, the feed's person id).
"""

import re
from dataclasses import dataclass
from pathlib import Path

from tests.oracle_feed import RejectedError, day_of, integer_of, number_of, one_of
from tests.oracle_rows import Row, view_rows
from tests.oracle_rules import LEAST_ADVANCED_FIRST

Identity = tuple[str, int, str | int]
FLAGS = {"true": True, "false": False}


@dataclass(frozen=True)
class Employment:
    """One contract; dates in ISO, empty when unknown, as texts are."""

    contract_id: int
    structure_id: int
    person: Identity
    measure: str
    renewal: int | None
    format: str
    hired_on: str
    ends_on: str
    rsa: str
    ass: bool | None
    aah: bool | None
    prescriber: str


@dataclass(frozen=True)
class Exit:
    """The definitive exit of one contract."""

    contract_id: int
    structure_id: int
    left_on: str
    reason: str
    category: str
    source: str


@dataclass(frozen=True)
class Contract:
    """A contract as delivered, with the exit that its own row tells."""

    employment: Employment
    left_on: str
    reason: int | None


@dataclass(frozen=True)
class End:
    """A monthly line that bears an end, in the order in which the last one is chosen."""

    year: int
    month: int
    version: int
    line_id: int
    left_on: str
    reason: int | None


def employments(feed: Path) -> dict[int, Employment]:
    """By contract id."""
    return {number: held.employment for number, held in _contracts(feed).items()}


def exits(feed: Path) -> dict[int, Exit]:
    """By contract id; the delivery holds contracts and lines."""
    reasons, categories = _labels(feed, "RefMotifSort"), _labels(feed, "RefCategorieSort")
    ends = _last_ends(feed)
    found: dict[int, Exit] = {}
    for number, held in _contracts(feed).items():
        end = ends.get(number)
        left_on = held.left_on or (end.left_on if end else "")
        reason = held.reason if held.reason is not None else (end.reason if end else None)
        if left_on:
            label, category = reasons.get(reason, ("", None))
            found[number] = Exit(
                number,
                held.employment.structure_id,
                left_on,
                label,
                categories.get(category, ("", None))[0],
                "contract" if held.left_on else "monthly-state",
            )
    return found


def identity(structure_id: int, person_id: int, nir: str) -> Identity:
    """Who a person is, within a structure."""
    compact = re.sub(r"\s", "", nir).upper()
    if re.fullmatch(r"[0-9AB]{13}|[0-9AB]{15}", compact) and compact != compact[0] * len(compact):
        return "nir", structure_id, compact[:13]
    return "person-id", structure_id, person_id


def _contracts(feed: Path) -> dict[int, Contract]:
    nirs = _nirs(feed)
    first: dict[int, Contract] = {}
    for row in view_rows(feed, "ContratMission"):
        try:
            held = _contract(row, nirs)
        except RejectedError:
            continue
        first.setdefault(held.employment.contract_id, held)
    return first


def _contract(row: Row, nirs: dict[int, str]) -> Contract:
    structure_id = integer_of(row, "contrat_id_structure")
    person_id = integer_of(row, "contrat_id_pph")
    hired = day_of(row, "contrat_date_embauche")
    ends, left = (
        day_of(row, "contrat_date_fin_contrat"),
        day_of(row, "contrat_date_sortie_definitive"),
    )
    if not hired or (ends and ends < hired) or (left and left < hired):
        raise RejectedError
    renewal = integer_of(row, "contrat_type_contrat", default=-1)
    reason = integer_of(row, "contrat_motif_sortie_id", default=-1)
    employment = Employment(
        integer_of(row, "contrat_id_ctr"),
        structure_id,
        identity(structure_id, person_id, nirs.get(person_id, "")),
        row.get("contrat_mesure_disp_code", ""),
        None if renewal < 0 else renewal,
        row.get("contrat_format_contrat_code", ""),
        hired,
        ends,
        row.get("contrat_salarie_rsa", ""),
        FLAGS.get(row.get("contrat_salarie_ass", "")),
        FLAGS.get(row.get("contrat_salarie_aah", "")),
        row.get("contrat_orienteur_code", ""),
    )
    return Contract(employment, left, None if reason < 0 else reason)


def _nirs(feed: Path) -> dict[int, str]:
    first: dict[int, str] = {}
    for row in view_rows(feed, "Salarie"):
        try:
            first.setdefault(integer_of(row, "salarie_id"), row.get("salarie_nir", ""))
        except RejectedError:
            continue
    return first


def _labels(feed: Path, view: str) -> dict[int | None, tuple[str, int | None]]:
    """Label, and id of the category, by id."""
    key, label = ("rms_id", "rms_libelle") if view == "RefMotifSort" else ("rcs_id", "rcs_libelle")
    first: dict[int | None, tuple[str, int | None]] = {}
    for row in view_rows(feed, view):
        try:
            category = integer_of(row, "rcs_id", default=-1)
            first.setdefault(integer_of(row, key), (row.get(label, ""), category))
        except RejectedError:
            continue
    return first


def _last_ends(feed: Path) -> dict[int, End]:
    """Of each contract, its last validated line that counts and bears a date."""
    once: dict[tuple[int, int], tuple[tuple[int, int, int, int], str, End]] = {}
    for row in view_rows(feed, "EtatMensuelIndiv"):
        try:
            month, state, end = _line(row)
        except RejectedError:
            continue
        once.setdefault((end.line_id, end.version), (month, state, end))
    highest: dict[tuple[int, int, int, int], int] = {}
    for month, _, end in once.values():
        highest[month] = max(end.version, highest.get(month, 0))
    last: dict[int, End] = {}
    for month, state, end in once.values():
        contract = month[-1]
        if state == "VALIDE" and end.left_on and end.version == highest[month] and contract >= 0:
            held = last.get(contract)
            last[contract] = end if held is None else max(held, end, key=_when)
    return last


def _when(end: End) -> tuple[int, int, int, int]:
    return end.year, end.month, end.version, end.line_id


def _line(row: Row) -> tuple[tuple[int, int, int, int], str, End]:
    """(annex, year, month, contract), state, and the end that the line tells if any."""
    year, month = integer_of(row, "emi_sme_annee"), integer_of(row, "emi_sme_mois")
    if number_of(row, "emi_nb_heures_travail") is None or not 1 <= month <= 12:
        raise RejectedError
    day_of(row, "emi_date_validation")
    number_of(row, "emi_part_etp")
    contract = integer_of(row, "emi_ctr_id", default=-1)
    if contract < 0:
        integer_of(row, "emi_pph_id")
    reason = integer_of(row, "emi_motif_sortie_id", default=-1)
    end = End(
        year,
        month,
        integer_of(row, "emi_sme_version", default=1),
        integer_of(row, "emi_dsm_id"),
        day_of(row, "emi_date_fin_reelle"),
        None if reason < 0 else reason,
    )
    state = one_of(LEAST_ADVANCED_FIRST, row, "emi_esm_etat_code")
    return (integer_of(row, "emi_afi_id"), year, month, contract), state, end
