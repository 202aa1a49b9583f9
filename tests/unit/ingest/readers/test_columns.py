"""The header: columns by name, required, absent, unknown, repeated."""

from pathlib import Path

import pytest

from services.ingest.readers.delivery import DeliveryRefused
from tests.unit.ingest.readers.feeds import VIEWS, rejects_of, scanned, text_of


def _without(view: str, *columns: str, also: str = "") -> str:
    row = {name: text for name, text in VIEWS[view].items() if name not in columns}
    row |= dict.fromkeys(also.split(), "?")
    return text_of(view, "|".join(row), ["|".join(row.values())])


def test_columns_are_found_by_name(tmp_path: Path) -> None:
    row = dict(reversed(VIEWS["AnnexeFinanciere"].items()))
    text = text_of("AnnexeFinanciere", "|".join(row), ["|".join(row.values())])
    (read,) = scanned(tmp_path, {"AnnexeFinanciere": text}).annexes.to_dicts()
    assert read["af_id_structure"] == 101
    assert read["af_numero_annexe_financiere"] == "ACI054260001"


@pytest.mark.parametrize(
    ("view", "columns"),
    [
        ("Structure", ["structure_id_siae"]),
        ("AnnexeFinanciere", ["af_etp_postes_insertion"]),
        ("EtatMensuelIndiv", ["emi_nb_heures_travail"]),
        ("EtatMensuelIndiv", ["emi_ctr_id", "emi_pph_id"]),
        ("RefMontantIae", ["rmi_valeur"]),
    ],
)
def test_a_required_column_absent_refuses_the_file(
    tmp_path: Path, view: str, columns: list[str]
) -> None:
    with pytest.raises(DeliveryRefused) as refused:
        scanned(tmp_path, {view: _without(view, *columns)})
    assert refused.value.code == "missing-column"
    assert columns[0] in str(refused.value)


def test_a_used_column_twice_refuses_the_file(tmp_path: Path) -> None:
    text = text_of("RefMontantIae", "rmi_id|rmi_valeur|rmi_id", ["1|2|3"])
    with pytest.raises(DeliveryRefused) as refused:
        scanned(tmp_path, {"RefMontantIae": text})
    assert refused.value.code == "duplicate-column"


def test_another_column_absent_is_empty_with_one_warning(tmp_path: Path) -> None:
    text = _without("EtatMensuelIndiv", "emi_part_etp", "emi_sme_version")
    read = scanned(tmp_path, {"EtatMensuelIndiv": text})
    assert read.warnings == {"missing-column": 2}
    (row,) = read.lines(0).to_dicts()
    assert (row["emi_part_etp"], row["emi_sme_version"]) == (None, 1)


@pytest.mark.parametrize(
    ("absent", "empty", "faulty"),
    [("emi_ctr_id", "emi_pph_id", "emi_pph_id"), ("emi_pph_id", "emi_ctr_id", "emi_ctr_id")],
)
def test_contract_and_person_stand_in_for_each_other(
    tmp_path: Path, absent: str, empty: str, faulty: str
) -> None:
    kept = {name: text for name, text in VIEWS["EtatMensuelIndiv"].items() if name != absent}
    rows = [kept, kept | {empty: ""}]
    text = text_of("EtatMensuelIndiv", "|".join(kept), ["|".join(row.values()) for row in rows])
    read = scanned(tmp_path, {"EtatMensuelIndiv": text})
    assert [reject[1:3] for reject in rejects_of(read)] == [(faulty, "missing-value")]


def test_unknown_columns_are_counted_once_in_the_views_read(tmp_path: Path) -> None:
    files = {view: _without(view, also="inconnue autre") for view in VIEWS}
    read = scanned(tmp_path, files | {"Financement": text_of("Financement", "x|y", ["1|2"])})
    assert read.warnings == {"unknown-column": 2 * len(VIEWS)}


def test_a_header_of_one_column_is_read(tmp_path: Path) -> None:
    read = scanned(tmp_path, {"Structure": text_of("Structure", "structure_id_siae", ["7"])})
    assert read.structures["structure_id_siae"].to_list() == [7]
    assert read.warnings == {"missing-column": 6}
