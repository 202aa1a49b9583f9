"""What a scanned delivery holds, as its documents see it: keys, owners, buckets."""

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from services.ingest.exits import (
    CONTRACT_COLUMNS,
    END_COLUMNS,
    contracts_ended,
    latest_ends,
    line_ends,
)
from services.ingest.readers.scan import CONTRACTS, LINES, Scan
from shared.contracts.registry import DocumentType

VIEW_OF: Mapping[DocumentType, str] = {
    DocumentType.STRUCTURE: "Structure",
    DocumentType.FINANCIAL_ANNEX: "AnnexeFinanciere",
    DocumentType.MONTHLY_STATE: LINES,
    DocumentType.EMPLOYMENT: CONTRACTS,
    DocumentType.EXIT: CONTRACTS,
}
"""The view whose documents each type is counted among."""


@dataclass(frozen=True, slots=True)
class Contents:
    """What the rows of a delivery hold together. `keys`: (id, period) of its documents, for the
    types that it renews; `ends`: the last end that lines tell of each contract."""

    keys: Mapping[DocumentType, pl.DataFrame]
    ends: pl.DataFrame


def contents_of(read: Scan) -> Contents:
    """Goes once through the buckets. Exits are renewed only with both contracts and lines."""
    months, lasts = [], []
    for bucket in range(read.bucket_count):
        lines = read.lines(bucket, END_COLUMNS)
        period = (pl.col("emi_sme_annee") * 100 + pl.col("emi_sme_mois")).alias("period")
        months.append(lines.select(pl.col("emi_afi_id").alias("id"), period).unique())
        lasts.append(line_ends(lines))
    ends = latest_ends(*lasts)
    employments, exits = [], []
    for bucket in range(read.bucket_count):
        contracts = read.contracts(bucket, CONTRACT_COLUMNS)
        employments.append(_ids(contracts, "contrat_id_ctr"))
        exits.append(_ids(contracts_ended(contracts, ends), "contrat_id_ctr"))
    keys = {
        DocumentType.STRUCTURE: _ids(read.structures, "structure_id_siae"),
        DocumentType.FINANCIAL_ANNEX: _ids(read.annexes, "af_id_avenant_modification"),
        DocumentType.MONTHLY_STATE: pl.concat(months).unique(),
        DocumentType.EMPLOYMENT: pl.concat(employments),
        DocumentType.EXIT: pl.concat(exits),
    }
    return Contents({kind: keys[kind] for kind in VIEW_OF if _renews(read, kind)}, ends)


def _renews(read: Scan, kind: DocumentType) -> bool:
    lines_too = kind is not DocumentType.EXIT or LINES in read.views
    return VIEW_OF[kind] in read.views and lines_too


def _ids(rows: pl.DataFrame, column: str) -> pl.DataFrame:
    return rows.select(pl.col(column).alias("id"), pl.lit(0, dtype=pl.Int64).alias("period"))


def views_of(read: Scan) -> dict[str, dict[str, int]]:
    """The receipt's counts of each view present."""
    return {
        view: {
            "rows": counts.rows,
            "accepted": counts.accepted,
            "rejected": counts.rejected,
            "ignored": counts.ignored,
        }
        for view, counts in sorted(read.views.items())
    }


def owners_in(read: Scan) -> dict[int, int]:
    """The structure of each delivered annex: its highest version's."""
    ordered = read.annexes.sort(
        pl.col("af_numero_avenant_renouvellement").fill_null(0),
        pl.col("af_numero_avenant_modification").fill_null(0),
        "af_id_avenant_modification",
    )
    return dict(ordered.select("af_id_annexe_financiere", "af_id_structure").iter_rows())


def structures_in(structures: pl.DataFrame, bucket: int, buckets: int) -> pl.DataFrame:
    """The structures of one bucket."""
    return structures.filter(pl.col("structure_id_siae") % buckets == bucket)


def annexes_in(
    annexes: pl.DataFrame, owners: Mapping[int, int], bucket: int, buckets: int
) -> pl.DataFrame:
    """The annex versions of one bucket: that of their annex's owner."""
    mine = [annex for annex, owner in owners.items() if owner % buckets == bucket]
    return annexes.filter(pl.col("af_id_annexe_financiere").is_in(mine))
