"""What is kept with a warning: structures, lines, months."""

from pathlib import Path

import polars as pl
import pytest

from services.ingest.readers.warnings import (
    annex_warnings,
    line_warnings,
    structure_warnings,
    valid_siret,
)
from tests.unit.ingest.readers.feeds import scanned, scanned_rows, text_of

Change = dict[str, str]


@pytest.mark.parametrize(
    ("siret", "valid"),
    [
        ("90000010100015", True),
        ("90000011000012", False),
        (None, True),
        ("12", False),
        ("9000001010001X", False),
        ("9000001010001٥", False),
        ("35600000000048", True),
        ("35600000049837", True),
        ("35600000049838", False),
    ],
)
def test_siret_key(siret: str | None, valid: bool) -> None:
    assert valid_siret(siret) is valid


def test_a_structure_is_warned_about_once(tmp_path: Path) -> None:
    wrong = "90000011000012"
    read = scanned_rows(
        tmp_path,
        "Structure",
        {"structure_siret_actualise": wrong, "structure_siret_signature": wrong},
        {"structure_id_siae": "102", "structure_siret_signature": ""},
    )
    assert structure_warnings(read.structures) == {"siret-key": 1}


@pytest.mark.parametrize(
    ("hours", "expected"),
    [
        ("744", {}),
        ("744.0", {}),
        ("0", {}),
        ("745", {"hours-over-744": 1}),
        ("744.5", {"hours-over-744": 1, "hours-not-whole": 1}),
        ("75.50", {"hours-not-whole": 1}),
        ("9" * 18, {"hours-over-744": 1}),
    ],
)
@pytest.mark.parametrize("state", ["VALIDE", "BROUILLON"])
def test_hours(tmp_path: Path, hours: str, expected: dict[str, int], state: str) -> None:
    change = {"emi_nb_heures_travail": hours, "emi_esm_etat_code": state}
    read = scanned_rows(tmp_path, "EtatMensuelIndiv", change)
    assert +line_warnings(read.lines(0)) == expected


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param([{}, {"emi_ctr_id": "2"}], {}, id="nothing mixed"),
        pytest.param(
            [{}, {"emi_ctr_id": "2", "emi_sme_version": "2"}],
            {"mixed-versions": 1},
            id="versions of two contracts",
        ),
        pytest.param(
            [{"emi_esm_etat_code": "SAISI"}, {"emi_sme_version": "2"}],
            {"mixed-versions": 1},
            id="a draft that a later version replaces does not count",
        ),
        pytest.param(
            [{}, {"emi_ctr_id": "2", "emi_esm_etat_code": "SAISI"}],
            {"mixed-states": 1},
            id="states of two contracts",
        ),
        pytest.param(
            [{}, {"emi_esm_etat_code": "DEBLOQUE"}],
            {"mixed-states": 1},
            id="equal versions of one contract",
        ),
        pytest.param(
            [
                {"emi_esm_etat_code": "SAISI"},
                {"emi_ctr_id": "", "emi_sme_version": "2"},
            ],
            {"mixed-versions": 1, "mixed-states": 1},
            id="a person without contract apart from the same person's contract",
        ),
        pytest.param(
            [
                {"emi_ctr_id": "", "emi_esm_etat_code": "SAISI"},
                {"emi_ctr_id": "", "emi_sme_version": "2"},
            ],
            {"mixed-versions": 1},
            id="versions of a person without contract",
        ),
        pytest.param(
            [{}, {"emi_sme_mois": "2", "emi_sme_version": "2", "emi_esm_etat_code": "SAISI"}],
            {},
            id="two months",
        ),
    ],
)
def test_months(tmp_path: Path, changes: list[Change], expected: dict[str, int]) -> None:
    numbered = [{"emi_dsm_id": str(at), **change} for at, change in enumerate(changes, 1)]
    read = scanned_rows(tmp_path, "EtatMensuelIndiv", *numbered)
    assert +line_warnings(read.lines(0)) == expected


def test_an_empty_view_warns_of_nothing(tmp_path: Path) -> None:
    read = scanned(tmp_path, {"Inconnue": text_of("Inconnue", "a|b", [])})
    frame, warnings = annex_warnings(read.annexes, read.referential("RefMontantIae"))
    assert frame.schema["hours_base"] == pl.String
    assert not +warnings
    assert not +line_warnings(read.lines(0))
    assert not +structure_warnings(read.structures)
