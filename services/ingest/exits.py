"""Definitive exits: a contract's own date and reason, else those of its last monthly line."""

import polars as pl

from services.ingest.payloads import contract_documents

END_COLUMNS = (
    *("emi_afi_id", "emi_sme_annee", "emi_sme_mois", "emi_sme_version", "emi_dsm_id"),
    *("emi_ctr_id", "emi_esm_etat_code", "emi_date_fin_reelle", "emi_motif_sortie_id"),
)
"""Of lines, those that tell ends."""
CONTRACT_COLUMNS = ("contrat_id_ctr", "contrat_date_sortie_definitive", "contrat_motif_sortie_id")
"""Of contracts, those that tell exits."""

_MONTH = ["emi_afi_id", "emi_sme_annee", "emi_sme_mois", "emi_ctr_id"]
_ORDER = ["emi_sme_annee", "emi_sme_mois", "emi_sme_version", "emi_dsm_id"]
_ENDS = pl.Schema(
    {
        "contract_id": pl.Int64,
        **dict.fromkeys(_ORDER, pl.Int64),
        "ended_on": pl.Date,
        "reason_id": pl.Int64,
    }
)


def line_ends(lines: pl.DataFrame) -> pl.DataFrame:
    """The validated lines that count and bear an end, the last of each contract; `lines` holds
    every line of its annexes.

    Of the lines of one contract in a month of an annex those of the highest version count.
    """
    bears = pl.col("emi_ctr_id").is_not_null() & pl.col("emi_date_fin_reelle").is_not_null()
    dated = lines.filter(bears & (pl.col("emi_esm_etat_code") == "VALIDE"))
    highest = (
        lines.join(dated.select(_MONTH).unique(), on=_MONTH, how="semi")
        .group_by(_MONTH)
        .agg(pl.col("emi_sme_version").max())
    )
    counting = dated.join(highest, on=[*_MONTH, "emi_sme_version"], how="semi")
    return latest_ends(
        counting.select(
            pl.col("emi_ctr_id").alias("contract_id"),
            *_ORDER,
            pl.col("emi_date_fin_reelle").alias("ended_on"),
            pl.col("emi_motif_sortie_id").alias("reason_id"),
        )
    )


def latest_ends(*ends: pl.DataFrame) -> pl.DataFrame:
    """One end a contract: that of its latest month, then version, then line id."""
    every = pl.concat([_ENDS.to_frame(), *ends])
    return every.sort(_ORDER).unique("contract_id", keep="last", maintain_order=True)


def contracts_ended(contracts: pl.DataFrame, ends: pl.DataFrame) -> pl.DataFrame:
    """The contracts with an exit: `left_on`, `left_on_source` and `reason_id` beside their rows.

    What the contract leaves empty comes from its line; a reason without a date is no exit.
    """
    own = pl.col("contrat_date_sortie_definitive")
    joined = contracts.join(ends, left_on="contrat_id_ctr", right_on="contract_id", how="left")
    return joined.with_columns(
        pl.coalesce(own, "ended_on").alias("left_on"),
        pl.when(own.is_null())
        .then(pl.lit("monthly-state"))
        .otherwise(pl.lit("contract"))
        .alias("left_on_source"),
        pl.coalesce("contrat_motif_sortie_id", "reason_id").alias("reason_id"),
    ).filter(pl.col("left_on").is_not_null())


def exit_documents(
    contracts: pl.DataFrame, ends: pl.DataFrame, reasons: pl.DataFrame
) -> pl.DataFrame:
    """One document a contract with an exit, as columns; `reasons` has `reason_id`, `reason`,
    `category`."""
    published = (
        contracts_ended(contracts, ends)
        .join(reasons, on="reason_id", how="left")
        .select(
            pl.col("contrat_id_ctr").alias("contract_id"),
            pl.col("contrat_id_structure").alias("structure_id"),
            *("left_on", "reason", "category", "left_on_source"),
        )
    )
    return contract_documents(published)
