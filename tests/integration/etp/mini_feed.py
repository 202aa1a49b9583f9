"""A plain reader of feed-mini, for tests of `etp` alone: the rows that are expected to be rejected
are skipped by their line, so that nothing here judges a row. Documents are events' data."""

import csv
import gzip
import io
import zipfile
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from shared.contracts.employment_v1 import EmploymentDeclared
from shared.contracts.fields import Contract
from shared.contracts.financial_annex_v1 import FinancialAnnexDeclared, RsaAmount
from shared.contracts.monthly_state_v1 import MonthlyStateDeclared
from shared.contracts.structure_v1 import StructureDeclared

FEED_MINI = Path(__file__).parents[2] / "data" / "feed-mini"
DELIVERIES = (FEED_MINI, FEED_MINI / "second-delivery", FEED_MINI / "third-delivery")

_BASES = {"ACI": "1820", "EI": "1505", "ETTI": "1600", "AI": "1607", "ACIPA": "1820"}
_Row = dict[str, str]


def documents(delivery: Path) -> dict[tuple[object, ...], Contract]:
    """The documents of a delivery's folder (`feed/`, `expected/`) by natural key."""
    amounts = list(_rows(delivery, "RefMontantIae"))
    bases = {row["rmi_id"]: row["rmi_valeur"] for row in amounts}
    rsa = [_rsa_amount(row) for row in amounts if row["rmi_code"] == "MT_ME_RSA"]
    found: dict[tuple[object, ...], Contract] = {}
    for row in _rows(delivery, "Structure"):
        structure = _structure(row)
        found["structure", structure.structure_id] = structure
    for row in _rows(delivery, "AnnexeFinanciere"):
        annex = _annex(row, bases, rsa)
        found.setdefault(("annex", annex.amendment_id), annex)
    for month in _months(delivery):
        found["month", month.annex_id, month.year, month.month] = month
    for row in _rows(delivery, "ContratMission"):
        employment = _employment(row)
        found["employment", employment.contract_id] = employment
    return found


def _rsa_amount(row: _Row) -> RsaAmount:
    return RsaAmount(
        amount=row["rmi_valeur"],
        department=row["code_dpt"] or None,
        starts_on=_day(row["rmi_date_debut_effet"]),
        ends_on=_day(row["rmi_date_fin_effet"]) if row["rmi_date_fin_effet"] else None,
    )


def _employment(row: _Row) -> EmploymentDeclared:
    return EmploymentDeclared(
        contract_id=int(row["contrat_id_ctr"]),
        structure_id=int(row["contrat_id_structure"]),
        person=row["contrat_id_pph"].rjust(32, "0"),
        hired_on=_day(row["contrat_date_embauche"]),
        rsa=row["contrat_salarie_rsa"] or None,
    )


def _structure(row: _Row) -> StructureDeclared:
    return StructureDeclared(
        structure_id=int(row["structure_id_siae"]),
        insee_code=row["structure_adresse_admin_code_insee"] or None,
    )


def _annex(row: _Row, bases: Mapping[str, str], rsa: list[RsaAmount]) -> FinancialAnnexDeclared:
    measure = row["af_mesure_dispositif_code"]
    base = row["af_duree_heure_annuel_etp_valeur"]
    if not base or not float(base):
        base = bases.get(row["af_duree_heure_annuel_etp_id"], "")
        base = base or _BASES.get(measure.partition("_")[0], "")
    return FinancialAnnexDeclared(
        amendment_id=int(row["af_id_avenant_modification"]),
        annex_id=int(row["af_id_annexe_financiere"]),
        structure_id=int(row["af_id_structure"]),
        annex_number=row["af_numero_annexe_financiere"],
        measure=measure,
        renewal=int(row["af_numero_avenant_renouvellement"] or 0),
        amendment=int(row["af_numero_avenant_modification"] or 0),
        state=row["af_etat_annexe_financiere_code"],
        starts_on=_day(row["af_date_debut_effet"]),
        ends_on=_day(row["af_date_fin_effet"]),
        contracted_etp=row["af_etp_postes_insertion"] or None,
        hours_base=base or None,
        unit_amount=row["af_montant_unitaire_annuel_valeur"] or None,
        total_amount=row["af_montant_total_annuel"] or None,
        cofinanced_amount=row["af_mt_cofinance"] or None,
        rsa_amounts=rsa if row["af_mt_cofinance"] else None,
    )


def _months(delivery: Path) -> Iterator[MonthlyStateDeclared]:
    months: dict[tuple[int, ...], dict[tuple[int, int], dict[str, Any]]] = {}
    for row in _rows(delivery, "EtatMensuelIndiv"):
        key = tuple(int(row[name]) for name in ("emi_afi_id", "emi_sme_annee", "emi_sme_mois"))
        line: dict[str, Any] = {
            "line_id": int(row["emi_dsm_id"]),
            "version": int(row["emi_sme_version"] or 1),
            "state": row["emi_esm_etat_code"],
            "hours": row["emi_nb_heures_travail"],
            "asp_etp": row["emi_part_etp"] or None,
            "contract_id": int(row["emi_ctr_id"]) if row["emi_ctr_id"] else None,
            "person": None if row["emi_ctr_id"] else row["emi_pph_id"].rjust(32, "0"),
        }
        months.setdefault(key, {}).setdefault((line["line_id"], line["version"]), line)
    for (annex_id, year, month), lines in months.items():
        yield MonthlyStateDeclared(
            annex_id=annex_id,
            year=year,
            month=month,
            lines=list(lines.values()),
        )


def _day(text: str) -> Any:
    return datetime.strptime(text[:10], "%d/%m/%Y").date()  # noqa: DTZ007


def _rows(delivery: Path, view: str) -> Iterator[_Row]:
    """The rows of a view, mended, without those that are rejected."""
    with (delivery / "expected" / "rejects.csv").open(newline="") as file:
        rejected = {int(row["line"]) for row in csv.DictReader(file) if row["view"] == view}
    lines = _text(next((delivery / "feed").glob(f"fluxIAE_{view}_*"))).split("\n")
    header = lines[1].split("|")
    whole: list[str] = []
    pieces = ""
    for number, line in enumerate(lines[2:], start=3):
        if line.startswith("FIN"):
            break
        if number in rejected:
            continue
        if not pieces and "|" not in line:
            whole[-1] += f" {line}"
            continue
        pieces = f"{pieces} {line}" if pieces else line
        if pieces.count("|") == len(header) - 1:
            whole.append(pieces)
            pieces = ""
    for row in whole:
        yield {name: value.strip() for name, value in zip(header, row.split("|"), strict=True)}


def _text(path: Path) -> str:
    content = path.read_bytes()
    if content.startswith(b"\x1f\x8b"):
        content = gzip.decompress(content)
    elif content.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            content = archive.read(archive.namelist()[0])
    return content.decode("utf-8-sig")
