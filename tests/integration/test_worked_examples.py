"""The worked examples of the ETP rules, each through the real door."""

from decimal import Decimal
from pathlib import Path

import pytest

from tests.feeds import Feed
from tests.homes import TestHome

EI, AI = 1505, 1607


def hours_of(etp: int, base: int = EI) -> Decimal:
    """Hours of a month at `etp` monthly ETP."""
    return Decimal(etp * base) / 12


def figures() -> Feed:
    """Every example on an annex of its own, structure = annex."""
    feed = Feed()
    for structure in range(1, 8):
        feed.structure(structure)
    webinar = {"af_date_debut_effet": "01/03/2026", "af_date_fin_effet": "31/12/2026"}
    feed.annex(1, 1, 28, **webinar)
    for month, etp in enumerate((5, 10, 20, 20, 20, 28), start=3):
        feed.line(1, 2026, month, hours_of(etp * 3) / 3 if etp % 3 else hours_of(etp))
    feed.annex(2, 2, 10)
    for month in (1, 2, 3, 5, 6, 7, 8, 9):
        feed.line(2, 2026, month, "1254.1666666666666667")
    two_years = {"af_date_debut_effet": "01/07/2025", "af_date_fin_effet": "30/06/2026"}
    feed.annex(3, 3, 6, **two_years)
    for year, month in [(2025, m) for m in range(7, 13)] + [(2026, m) for m in range(1, 7)]:
        feed.line(3, year, month, "752.5")
    superseded = {"af_etat_annexe_financiere_code": "HISTORISE"}
    feed.annex(4, 4, 12, **superseded)
    amended = {"af_id_avenant_modification": 41, "af_numero_avenant_modification": 1}
    feed.annex(4, 4, 10, **amended)
    feed.annex(5, 5, 4)
    feed.line(5, 2026, 1, "376.25", emi_ctr_id=7, emi_sme_version=1)
    feed.line(5, 2026, 1, "501.66666666666667", emi_ctr_id=7, emi_sme_version=2)
    feed.annex(6, 6, 2, af_date_fin_effet="15/09/2026")
    ai = {"af_mesure_dispositif_code": "AI_DC", "af_duree_heure_annuel_etp_valeur": AI}
    feed.annex(7, 7, 8, **ai)
    feed.line(7, 2026, 1, 1071)
    return feed


@pytest.fixture(scope="module")
def loaded(home: TestHome, tmp_path_factory: pytest.TempPathFactory) -> TestHome:
    """The examples, projected."""
    home.start_workers()
    folder = figures().write(tmp_path_factory.mktemp("examples") / "feed")
    home.cadran("load", folder, "--wait")
    return home


def annex(loaded: TestHome, annex_id: int) -> dict[str, str]:
    (row,) = [row for row in loaded.export("annexes") if row["annex_id"] == str(annex_id)]
    return row


def test_the_webinars_example(loaded: TestHome) -> None:
    row = annex(loaded, 1)
    assert row["months"] == "10"
    assert row["annual_contracted_etp"] == "23.333333"
    assert row["validated_months"] == "6"
    assert row["realised_etp_mean"][:5] == "17.16"
    assert row["realised_annual_etp"][:4] == "8.58"


def test_a_hole_is_not_a_zero(loaded: TestHome) -> None:
    row = annex(loaded, 2)
    assert row["validated_months"] == "8"
    assert row["realised_etp_mean"] == "10.000000"


def test_an_annex_over_two_years_gives_to_both(loaded: TestHome) -> None:
    assert annex(loaded, 3)["realised_etp_mean"] == "6.000000"
    for year in (2025, 2026):
        months = loaded.export("annex-months", "--year", year)
        annual = [Decimal(m["realised_annual_etp"]) for m in months if m["annex_id"] == "3"]
        assert len(annual) == 6
        assert sum(annual) == 3


def test_an_amendment_holds_for_all_months(loaded: TestHome) -> None:
    months = [row for row in loaded.export("annex-months") if row["annex_id"] == "4"]
    assert {row["contracted_etp"] for row in months} == {"10.000000"}
    assert annex(loaded, 4)["amendment"] == "1"


def test_a_month_declared_twice_counts_its_highest_version(loaded: TestHome) -> None:
    row = annex(loaded, 5)
    assert row["realised_etp_mean"] == "4.000000"


def test_an_end_in_mid_month_counts_the_month(loaded: TestHome) -> None:
    assert annex(loaded, 6)["months"] == "9"
    months = [row for row in loaded.export("annex-months") if row["annex_id"] == "6"]
    assert [row["month"] for row in months] == [str(month) for month in range(1, 10)]


def test_whole_hour_rounding_alone_does_not_flip_the_class(loaded: TestHome) -> None:
    assert annex(loaded, 7)["class"] == "conforme"
    assert annex(loaded, 7)["realised_etp_mean"] == "7.997511"


def test_figures_are_conserved_from_lines_to_the_nation(loaded: TestHome, tmp_path: Path) -> None:
    months = [row for row in loaded.export("annex-months") if row["validated"] == "true"]
    lines = sum(Decimal(row["realised_etp"]) for row in months)
    structures = loaded.export("structures")
    territories = loaded.export("territories")
    by_structure = sum(Decimal(row["validated_realised_etp"]) for row in structures)
    by_territory = sum(Decimal(row["validated_realised_etp"]) for row in territories)
    assert round(lines - by_structure, 4) == 0
    assert round(lines - by_territory, 4) == 0
