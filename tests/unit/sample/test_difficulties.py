"""Every difficulty that a reader of the feed names is somewhere in a mid-sized sample."""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from datetime import date
from decimal import Decimal

import pytest

from tests.unit.sample.reading import View

Views = Callable[[str], View]
Row = dict[str, str]
ANNEX, LINE, CONTRACT = "AnnexeFinanciere", "EtatMensuelIndiv", "ContratMission"


def _number(text: str) -> bool:
    return re.fullmatch(r"-?\d+(\.\d+)?", text) is not None


def _date(text: str) -> bool:
    try:
        return bool(date(int(text[6:10]), int(text[3:5]), int(text[:2])))
    except ValueError:
        return False


def _some(rows: Iterable[Row], column: str, wrong: Callable[[str], bool]) -> bool:
    return any(wrong(row[column]) for row in rows)


def _reused(rows: list[Row], *key: str) -> tuple[int, int]:
    """How many keys come again with the same content, and with another."""
    first: dict[tuple[str, ...], Row] = {}
    same = other = 0
    for row in rows:
        found = first.setdefault(tuple(row[column] for column in key), row)
        same += found is not row and found == row
        other += found != row
    return same, other


def _end_before_start(rows: list[Row], start: str, end: str) -> bool:
    return any(_date(row[start]) and row[end] and _day(row[end]) < _day(row[start]) for row in rows)


def _day(text: str) -> str:
    return f"{text[6:10]}{text[3:5]}{text[:2]}"


@pytest.mark.parametrize("name", [ANNEX, LINE, CONTRACT, "Salarie", "Structure"])
def test_wrong_number_of_columns(view: Views, name: str) -> None:
    found = view(name)
    wrong = [row for row in found.rows if len(row) != len(found.columns)]
    assert 0 < len(wrong) < 0.02 * len(found.rows)


@pytest.mark.parametrize(
    ("name", "key"),
    [
        (ANNEX, ("af_id_avenant_modification",)),
        (LINE, ("emi_dsm_id", "emi_sme_version")),
        (CONTRACT, ("contrat_id_ctr",)),
    ],
)
def test_keys_come_again_with_the_same_and_with_other_content(
    view: Views, name: str, key: tuple[str, ...]
) -> None:
    same, other = _reused(view(name).dicts(), *key)
    assert same > 0
    assert other > 0


def test_annexes_that_cannot_be_read(view: Views) -> None:
    rows = view(ANNEX).dicts()
    posts = "af_etp_postes_insertion"
    assert _some(rows, posts, lambda text: text.startswith("-"))
    assert _some(rows, posts, lambda text: bool(text) and not _number(text))
    assert any(not row[posts] and not row[NUMBER].startswith("FDI") for row in rows)
    assert any(not row[posts] and row[NUMBER].startswith("FDI") for row in rows)
    assert _some(rows, "af_date_debut_effet", lambda text: not _date(text))
    assert _some(rows, "af_etat_annexe_financiere_code", lambda text: text == "SUSPENDU")
    assert _end_before_start(rows, "af_date_debut_effet", "af_date_fin_effet")


NUMBER = "af_numero_annexe_financiere"


def test_annexes_that_deserve_a_warning(view: Views) -> None:
    rows = view(ANNEX).dicts()
    base, reference = "af_duree_heure_annuel_etp_valeur", "af_duree_heure_annuel_etp_id"
    assert any(row[base] == "" and row[reference] == "77" for row in rows)
    assert any(row[base] == "" and row[reference] == "" for row in rows)
    assert any(row[base] == "0" for row in rows)
    assert any(row["af_mesure_dispositif_code"] == "CUI_DC" for row in rows)
    cofinanced = [row for row in rows if row["af_mt_cofinance"] and row[TOTAL]]
    over = [Decimal(row["af_mt_cofinance"]) > Decimal(row[TOTAL]) for row in cofinanced]
    assert 0 < sum(over) < 0.05 * len(over)
    assert any(not row[TOTAL] for row in rows)
    assert any(re.fullmatch(r"[A-Z]+\d\dVXX\d{4}", row[NUMBER]) for row in rows)
    assert any(row["af_description_action"] == "LIGNE 1 LIGNE 2" for row in rows)
    assert any(row["af_etp_postes_insertion"] == "0" for row in rows)


TOTAL = "af_montant_total_annuel"


def test_lines_that_cannot_be_read(view: Views) -> None:
    rows = view(LINE).dicts()
    hours = "emi_nb_heures_travail"
    assert _some(rows, hours, lambda text: text == "")
    assert _some(rows, hours, lambda text: text.startswith("-"))
    assert _some(rows, hours, lambda text: bool(text) and not _number(text))
    assert _some(rows, "emi_sme_annee", lambda text: not _number(text))
    assert _some(rows, "emi_sme_mois", lambda text: text == "13")
    assert _some(rows, "emi_esm_etat_code", lambda text: text == "VALIDEE")
    assert _some(rows, "emi_date_validation", lambda text: bool(text) and not _date(text))
    assert any(not row["emi_ctr_id"] and not row["emi_pph_id"] for row in rows)


def test_lines_that_deserve_a_warning_or_a_place_apart(view: Views) -> None:
    rows = view(LINE).dicts()
    hours = "emi_nb_heures_travail"
    assert _some(rows, hours, lambda text: _number(text) and Decimal(text) > 744)
    assert _some(rows, hours, lambda text: text == "0")
    halves = sum(row[hours].endswith(".50") for row in rows)
    assert 0 < halves < 0.002 * len(rows)
    assert any(not row["emi_ctr_id"] and row["emi_pph_id"] for row in rows)
    assert any(row["emi_commentaire"] == "LIGNE 1 LIGNE 2" for row in rows)
    assert any(row["emi_sme_annee"] == "2023" for row in rows)
    annexes = {row["af_id_annexe_financiere"] for row in view(ANNEX).dicts()}
    orphans = [row for row in rows if row["emi_afi_id"] not in annexes]
    assert 0 < len(orphans) < 0.001 * len(rows)


def test_months_that_mix_states_or_versions(view: Views) -> None:
    states: dict[tuple[str, ...], set[str]] = defaultdict(set)
    versions: dict[tuple[str, ...], set[str]] = defaultdict(set)
    for row in view(LINE).dicts():
        month = (row["emi_afi_id"], row["emi_sme_annee"], row["emi_sme_mois"])
        states[month].add(row["emi_esm_etat_code"])
        versions[month].add(row["emi_sme_version"])
    assert any({"VALIDE", "SAISI"} <= found for found in states.values())
    mixed = sum(len(found) > 1 for found in versions.values())
    assert 0 < mixed < 0.03 * len(versions)


def test_holes(view: Views) -> None:
    declared: dict[str, set[int]] = defaultdict(set)
    for row in view(LINE).dicts():
        if row["emi_sme_annee"] == "2026":
            declared[row["emi_afi_id"]].add(int(row["emi_sme_mois"]))
    inner = [set(range(min(found), max(found))) - found for found in declared.values()]
    assert 0 < sum(map(bool, inner)) < 0.5 * len(inner)


def test_contracts_with_a_fault(view: Views) -> None:
    rows = view(CONTRACT).dicts()
    assert _some(rows, "contrat_motif_sortie_id", lambda text: text == "99")
    assert _some(rows, "contrat_date_embauche", lambda text: text == "")
    assert _some(rows, "contrat_date_embauche", lambda text: bool(text) and not _date(text))
    assert _some(rows, "contrat_id_ctr", lambda text: not _number(text))
    assert _end_before_start(rows, "contrat_date_embauche", "contrat_date_fin_contrat")


def test_persons_and_structures_with_a_fault(view: Views) -> None:
    persons = view("Salarie").dicts()
    assert _some(persons, "salarie_id", lambda text: text == "")
    assert _some(persons, "salarie_nir", lambda text: text == "")
    assert _some(persons, "salarie_nir", lambda text: " " in text)
    assert _some(persons, "salarie_nir", lambda text: text == "1" * 15)
    again = Counter(row["salarie_nir"] for row in persons if row["salarie_nir"])
    assert max(again.values()) > 1
    wrong = [row for row in persons if not _right_key(row["salarie_nir"].replace(" ", ""))]
    assert 0 < len(wrong) < 0.01 * len(persons)
    structures = view("Structure").dicts()
    assert _some(structures, "structure_id_siae", lambda text: text == "")
    assert _some(structures, "structure_adresse_admin_code_insee", lambda text: text == "")
    assert _some(structures, "structure_siret_signature", lambda text: len(set(text)) < 3)
    assert _some(structures, "structure_denomination", lambda text: '"' in text and ";" in text)


def _right_key(number: str) -> bool:
    return len(number) != 15 or (int(number[:13]) + int(number[13:])) % 97 == 0
