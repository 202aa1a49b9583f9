"""The RSA amounts that an annex is published with, from the referential RefMontantIae."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

import polars as pl

from shared.contracts.financial_annex_v1 import RsaAmount

RSA_CODE: Final = "MT_ME_RSA"
"""`rmi_code` of a monthly amount, already 88 % of the RSA."""


def rsa_amounts(referential: pl.DataFrame) -> list[RsaAmount]:
    """The RSA amounts of a referential, each once, in an order that its rows do not change."""
    rows = referential.filter(pl.col("rmi_code") == RSA_CODE).select(
        pl.col("rmi_valeur").alias("amount"),
        pl.col("code_dpt").alias("department"),
        pl.col("rmi_date_debut_effet").alias("starts_on"),
        pl.col("rmi_date_fin_effet").alias("ends_on"),
    )
    ordered = rows.unique().sort("department", "starts_on", "ends_on", "amount")
    return [RsaAmount.model_validate(row) for row in ordered.iter_rows(named=True)]


def amounts_of_annex(
    annex: Mapping[str, Any], amounts: Sequence[RsaAmount]
) -> list[RsaAmount] | None:
    """Those in force from the first day of an annex's first month to that of its last.

    Only of a cofinanced ACI, the one that has a bRSA target (rule 15): a new amount changes no
    other annex. The whole country's and every department's are given: the annex's department is
    for its reader to tell (rule 10).
    """
    cofinanced = annex["af_mt_cofinance"] not in {None, "0"}
    if annex["af_mesure_dispositif_code"].partition("_")[0] != "ACI" or not cofinanced:
        return None
    first, last = (
        annex[name].replace(day=1) for name in ("af_date_debut_effet", "af_date_fin_effet")
    )
    in_force = [
        amount
        for amount in amounts
        if (amount.starts_on or date.min) <= last and (amount.ends_on or date.max) >= first
    ]
    return in_force or None
