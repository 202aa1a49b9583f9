"""Documents as columns: all that a bucket holds is compared at once with what is remembered, and
only what differs becomes a document of its own.

Columns: `id`, `period`, `parent`, `owner` (Int64), `payload` (Binary, the data as published),
`digest` (hexadecimal).
"""

from collections.abc import Iterable

import polars as pl

from services.ingest.domain.documents import Document, Known, digests_of
from services.ingest.domain.keys import DocumentKey
from shared.contracts.registry import DocumentType

_KEY = ["id", "period"]
_DELIVERED = pl.Schema(
    {
        **dict.fromkeys(("id", "period", "parent", "owner"), pl.Int64()),
        "payload": pl.Binary(),
        "digest": pl.String(),
    }
)


def with_digests(rows: pl.DataFrame) -> pl.DataFrame:
    """Rows that have all columns but `digest`, with it."""
    digests = digests_of(rows["payload"].to_list())
    return rows.select(*_DELIVERED.names()[:-1], pl.Series("digest", digests, dtype=pl.String))


def as_columns(documents: Iterable[Document]) -> pl.DataFrame:
    """Documents of one type, as columns."""
    return pl.DataFrame(
        [(*one.key, one.parent, one.owner, one.payload, one.digest.hex()) for one in documents],
        schema=_DELIVERED,
        orient="row",
    )


def as_documents(kind: DocumentType, rows: pl.DataFrame) -> list[Document]:
    """Columns, as the documents of one type."""
    return [
        Document(kind, (row[0], row[1]), row[2], row[3], row[4], bytes.fromhex(row[5]))
        for row in rows.select(_DELIVERED.names()).iter_rows()
    ]


def differing(
    delivered: pl.DataFrame, remembered: pl.DataFrame
) -> tuple[pl.DataFrame, dict[DocumentKey, Known]]:
    """Of documents delivered those that are not, as they are, among those remembered (`id`,
    `period`, `digest`, `revision`, `withdrawn`); and what is remembered of them."""
    among = remembered.filter(pl.col("id").is_in(delivered["id"].implode()))
    beside = delivered.join(among, on=_KEY, how="left", suffix="_held", maintain_order="left")
    same = (pl.col("digest") == pl.col("digest_held")) & ~pl.col("withdrawn")
    differ = beside.filter(~same.fill_null(value=False))
    known = {
        (row[0], row[1]): Known(bytes.fromhex(row[2]), row[3], row[4])
        for row in differ.drop_nulls("revision")
        .select(*_KEY, "digest_held", "revision", "withdrawn")
        .iter_rows()
    }
    return differ, known
