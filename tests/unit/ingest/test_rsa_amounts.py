"""Which RSA amounts an annex carries to etp (rule 15)."""

from datetime import date
from typing import Any

import polars as pl
import pytest

from services.ingest.rsa_amounts import amounts_of_annex, rsa_amounts

ROWS = [
    ("MT_ME_RSA", "559.42", None, date(2024, 4, 1), date(2025, 3, 31)),
    ("MT_ME_RSA", "568.94", None, date(2025, 4, 1), date(2026, 3, 31)),
    ("MT_ME_RSA", "577.5", None, date(2026, 4, 1), None),
    ("MT_ME_RSA", "284.47", "976", date(2024, 4, 1), None),
    ("MT_ME_RSA", "284.47", "976", date(2024, 4, 1), None),
    ("DUR_AN_ETP", "1820", None, date(2016, 1, 1), None),
]
COLUMNS = ["rmi_code", "rmi_valeur", "code_dpt", "rmi_date_debut_effet", "rmi_date_fin_effet"]


def referential(rows: list[Any]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=COLUMNS, orient="row")


def carried(
    starts_on: date, ends_on: date, measure: str = "ACI_DC", cofinanced: str | None = "100"
) -> list[tuple[str, str | None]] | None:
    annex = {
        "af_mesure_dispositif_code": measure,
        "af_mt_cofinance": cofinanced,
        "af_date_debut_effet": starts_on,
        "af_date_fin_effet": ends_on,
    }
    found = amounts_of_annex(annex, rsa_amounts(referential(ROWS)))
    return None if found is None else [(amount.amount, amount.department) for amount in found]


def test_a_cofinanced_aci_carries_those_in_force_in_its_months() -> None:
    assert carried(date(2025, 4, 1), date(2026, 3, 31)) == [("568.94", None), ("284.47", "976")]
    assert carried(date(2025, 3, 15), date(2026, 4, 2)) == [
        ("559.42", None),
        ("568.94", None),
        ("577.5", None),
        ("284.47", "976"),
    ]


@pytest.mark.parametrize(
    ("measure", "cofinanced"),
    [("EI_DC", "100"), ("ACIPA_DC", "1"), ("ACI_DC", None), ("ACI_MP", "0")],
)
def test_others_carry_none(measure: str, cofinanced: str | None) -> None:
    assert carried(date(2025, 1, 1), date(2025, 12, 31), measure, cofinanced) is None


def test_no_amount_in_force_is_none() -> None:
    assert carried(date(2020, 1, 1), date(2020, 12, 31)) is None


def test_the_order_of_the_referential_changes_nothing() -> None:
    assert rsa_amounts(referential(ROWS[::-1])) == rsa_amounts(referential(ROWS))
