"""What a scanned delivery holds, as its documents see it: keys, owners, buckets."""

from collections.abc import Mapping

import polars as pl

from services.ingest.readers.scan import Scan
from shared.contracts.registry import DocumentType

VIEW_OF: Mapping[DocumentType, str] = {
    DocumentType.STRUCTURE: "Structure",
    DocumentType.FINANCIAL_ANNEX: "AnnexeFinanciere",
    DocumentType.MONTHLY_STATE: "EtatMensuelIndiv",
}


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


def delivered_keys(read: Scan, kind: DocumentType) -> pl.DataFrame:
    """(id, period) of the documents of a type that a delivery holds."""
    if kind is DocumentType.MONTHLY_STATE:
        return read.month_keys().select(
            pl.col("annex_id").alias("id"),
            (pl.col("year") * 100 + pl.col("month")).cast(pl.Int64).alias("period"),
        )
    frame, column = (
        (read.structures, "structure_id_siae")
        if kind is DocumentType.STRUCTURE
        else (read.annexes, "af_id_avenant_modification")
    )
    return frame.select(pl.col(column).alias("id"), pl.lit(0, dtype=pl.Int64).alias("period"))


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
