"""Rows of ContratMission, Salarie and the exit reasons: faults, values, masks, warnings."""

from datetime import date
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ingest.domain.nir import has_wrong_key
from services.ingest.readers.delivery import DeliveryRefused
from services.ingest.readers.warnings import contract_warnings, person_warnings, reason_warnings
from tests.unit.ingest.readers.feeds import (
    CONTRACT,
    PERSON,
    rejects_of,
    rows_of,
    scanned,
    scanned_rows,
    text_of,
)

Change = dict[str, str]
C, S = "ContratMission", "Salarie"
REQUIRED = [
    *[(C, name) for name in list(CONTRACT)[:3]],
    (C, "contrat_date_embauche"),
    (S, "salarie_id"),
    ("RefMotifSort", "rms_id"),
    ("RefCategorieSort", "rcs_id"),
]


@pytest.mark.parametrize(("view", "column"), REQUIRED)
def test_what_must_be_there(tmp_path: Path, view: str, column: str) -> None:
    ((line, found, code, value),) = rejects_of(scanned_rows(tmp_path, view, {column: " "}))
    assert (line, found, code) == (3, column, "missing-value")
    assert value == ("***" if column in {"salarie_id", "contrat_id_pph"} else "")


@pytest.mark.parametrize(("view", "column"), REQUIRED)
def test_a_file_without_a_required_column_is_refused(
    tmp_path: Path, view: str, column: str
) -> None:
    header, (row,) = rows_of(view, {})
    with pytest.raises(DeliveryRefused) as refused:
        scanned(tmp_path, {view: text_of(view, header.replace(column, "autre"), [row])})
    assert refused.value.code == "missing-column"


@pytest.mark.parametrize(
    ("view", "change", "reject"),
    [
        (C, {"contrat_id_ctr": "11X94"}, ("contrat_id_ctr", "unreadable-number", "11X94")),
        (C, {"contrat_id_pph": "DUPONT"}, ("contrat_id_pph", "unreadable-number", "***")),
        (C, {"contrat_type_contrat": "-1"}, ("contrat_type_contrat", "unreadable-number", "-1")),
        (
            C,
            {"contrat_date_embauche": "2026-06-01"},
            ("contrat_date_embauche", "unreadable-date", "2026-06-01"),
        ),
        (
            C,
            {"contrat_date_fin_contrat": "31/12/2025"},
            ("contrat_date_fin_contrat", "end-before-start", "31/12/2025"),
        ),
        (
            C,
            {"contrat_date_sortie_definitive": "31/12/2025"},
            ("contrat_date_sortie_definitive", "end-before-start", "31/12/2025"),
        ),
        (
            C,
            {"contrat_motif_sortie_id": "9.5"},
            ("contrat_motif_sortie_id", "unreadable-number", "9.5"),
        ),
        (C, {"contrat_salarie_rsa": "a|b"}, ("", "column-count", "15")),
        (S, {"salarie_id": "8O101"}, ("salarie_id", "unreadable-number", "***")),
        (S, {"salarie_nom_usage": "ZZ|NOM"}, ("", "column-count", "***")),
        ("RefMotifSort", {"rcs_id": "IV"}, ("rcs_id", "unreadable-number", "IV")),
    ],
)
def test_one_fault(tmp_path: Path, view: str, change: Change, reject: tuple[str, ...]) -> None:
    assert rejects_of(scanned_rows(tmp_path, view, change, {})) == [(3, *reject)]


@pytest.mark.parametrize(
    ("view", "column", "value"),
    [
        (C, "contrat_date_embauche", "237329910734138"),
        (C, "contrat_date_sortie_definitive", "2 37 32 9910734138"),
        (C, "contrat_type_contrat", "237402a90769489"),
        ("EtatMensuelIndiv", "emi_part_etp", "NIR 237329910734138 ?"),
        ("Structure", "structure_id_siae", "2373299107341-38"),
    ],
)
def test_a_nir_in_a_wrong_column_is_not_shown(
    tmp_path: Path, view: str, column: str, value: str
) -> None:
    ((*_, shown),) = rejects_of(scanned_rows(tmp_path, view, {column: value}))
    assert shown == "***"


def test_accepted_contracts_are_typed(tmp_path: Path) -> None:
    change = {
        "contrat_salarie_aah": "OUI",
        "contrat_salarie_rsa": " OUI-NM ",
        "contrat_type_contrat": "",
    }
    (row,) = scanned_rows(tmp_path, C, change).contracts(0).to_dicts()
    assert row == {
        "line": 3,
        "contrat_id_ctr": 10101,
        "contrat_id_pph": 80101,
        "contrat_id_structure": 101,
        "contrat_mesure_disp_code": "ACI_DC",
        "contrat_type_contrat": None,
        "contrat_format_contrat_code": "1",
        "contrat_date_embauche": date(2026, 1, 1),
        "contrat_date_fin_contrat": date(2026, 12, 31),
        "contrat_date_sortie_definitive": None,
        "contrat_motif_sortie_id": None,
        "contrat_orienteur_code": "1",
        "contrat_salarie_rsa": "OUI-NM",
        "contrat_salarie_ass": False,
        "contrat_salarie_aah": None,
        "owner": 101,
    }


def test_of_salarie_only_the_id_and_the_nir_are_read(tmp_path: Path) -> None:
    read = scanned_rows(tmp_path, S, {})
    assert set(read.persons.columns) == {"line", "salarie_id", "salarie_nir"}
    assert read.warnings.total() == 0


@pytest.mark.parametrize(
    ("view", "other", "key"),
    [
        (C, {"contrat_salarie_ass": "true"}, "contrat_id_ctr"),
        (S, {"salarie_nir": ""}, "salarie_id"),
        ("RefMotifSort", {"rms_libelle": "Autre"}, "rms_id"),
        ("RefCategorieSort", {"rcs_libelle": "Autre"}, "rcs_id"),
    ],
)
def test_repetitions(tmp_path: Path, view: str, other: Change, key: str) -> None:
    read = scanned_rows(tmp_path, view, {}, {}, other)
    counts = read.views[view]
    assert (counts.accepted, counts.ignored, counts.rejected) == (1, 1, 1)
    assert [reject[1:3] for reject in rejects_of(read)] == [(key, "key-reused")]


def test_a_column_not_used_is_no_other_content(tmp_path: Path) -> None:
    read = scanned_rows(tmp_path, S, {}, {"salarie_nom_usage": "ZZAUTRE"})
    assert (read.views[S].accepted, read.views[S].ignored) == (1, 1)


def test_contracts_lie_in_the_bucket_of_their_structure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.ingest.readers.scan.BUCKET_TEXT_BYTES", 100)
    changes = [{"contrat_id_ctr": str(n), "contrat_id_structure": str(n)} for n in range(50)]
    read = scanned_rows(tmp_path, C, *changes)
    assert read.bucket_count > 5
    for bucket in range(read.bucket_count):
        owners = read.contracts(bucket)["contrat_id_structure"].to_list()
        assert owners == [n for n in range(50) if n % read.bucket_count == bucket]


def test_warnings_count_accepted_rows(tmp_path: Path) -> None:
    wrong = {"salarie_nir": PERSON["salarie_nir"][:13] + "39"}
    persons = [{}, {"salarie_id": "2", **wrong}, {"salarie_id": "x", **wrong}]
    assert person_warnings(scanned_rows(tmp_path, S, *persons).persons) == {"nir-key": 1}


def test_measures_and_reasons_that_nobody_knows(tmp_path: Path) -> None:
    changes = [
        {"contrat_mesure_disp_code": "CUI_DC", "contrat_motif_sortie_id": "99"},
        {"contrat_mesure_disp_code": "", "contrat_motif_sortie_id": "1"},
    ]
    rows = [{"contrat_id_ctr": str(at), **change} for at, change in enumerate(changes)]
    contracts = scanned_rows(tmp_path, C, *rows).contracts(0)
    assert contract_warnings(contracts) == {"unknown-measure": 1}
    reasons = contracts["contrat_motif_sortie_id"]
    assert reason_warnings(reasons, pl.Series([1, 2])) == {"unknown-exit-reason": 1}
    assert reason_warnings(reasons, pl.Series([], dtype=pl.Int64)) == {"unknown-exit-reason": 2}


@given(st.lists(st.none() | st.text("0123456789AB a", min_size=10, max_size=16), max_size=20))
def test_wrong_keys_are_those_of_the_rule(nirs: list[str | None]) -> None:
    good = ["237329910734138", "237402A90769489", "1" * 15, "237329910734139"]
    persons = pl.DataFrame({"salarie_nir": [*good, *nirs]}, schema={"salarie_nir": pl.String})
    assert person_warnings(persons)["nir-key"] == sum(map(has_wrong_key, [*good, *nirs]))
