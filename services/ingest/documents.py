"""What ingest remembers of the documents of a source: digest, revision, withdrawal."""

import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import polars as pl

from services.ingest.domain.documents import (
    Change,
    Document,
    Known,
    Revised,
)
from services.ingest.domain.keys import DocumentKey
from services.ingest.domain.sources import Source
from shared.contracts.registry import DocumentType
from shared.database.types import Connection

_REMEMBERED: Final = pl.Schema(
    {
        **dict.fromkeys(("id", "period", "parent"), pl.Int64()),
        "digest": pl.String(),
        "revision": pl.Int64(),
        "withdrawn": pl.Int8(),
    }
)


@dataclass(frozen=True, slots=True)
class Held:
    """A document that a delivery no longer holds."""

    type: DocumentType
    key: DocumentKey
    parent: int
    revision: int


async def take_turn(connection: Connection, source: str) -> int:
    """Until the transaction's end nobody else revises documents of this source: the doors of one
    source wait for one another, so that no revision is given twice. The number of this turn."""
    turn: int = await connection.fetchval(
        "INSERT INTO document_turn (source, turn) VALUES ($1, 1)"
        " ON CONFLICT (source) DO UPDATE SET turn = document_turn.turn + 1 RETURNING turn",
        source,
    )
    return turn


async def known_documents(
    connection: Connection, source: str, kind: DocumentType, keys: Sequence[DocumentKey]
) -> dict[DocumentKey, Known]:
    """What is remembered of the documents of these keys."""
    rows = await connection.fetch(
        "SELECT id, period, digest, revision, withdrawn FROM document"
        " JOIN unnest($3::bigint[], $4::integer[]) AS asked (id, period) USING (id, period)"
        " WHERE source = $1 AND document_type = $2",
        source,
        kind.value,
        [key[0] for key in keys],
        [key[1] for key in keys],
    )
    return {(row[0], row[1]): Known(row[2], row[3], row[4]) for row in rows}


async def held_of(
    connection: Connection, source: str, kind: DocumentType, key: DocumentKey
) -> tuple[Held, bool] | None:
    """One document as remembered, and whether it is withdrawn; None when it never was declared."""
    row = await connection.fetchrow(
        "SELECT parent, revision, withdrawn FROM document"
        " WHERE source = $1 AND document_type = $2 AND id = $3 AND period = $4",
        source,
        kind.value,
        *key,
    )
    return (Held(kind, key, row[0], row[1]), row[2]) if row else None


async def revisions_elsewhere(
    connection: Connection, source: str, kind: DocumentType, keys: Sequence[DocumentKey]
) -> dict[DocumentKey, int]:
    """The highest revisions that other sources gave to documents of these keys."""
    names = await connection.fetch("SELECT name FROM source WHERE name <> $1", source)
    rows = await connection.fetch(
        "SELECT id, period, max(revision) FROM document"
        " WHERE source = ANY($1::text[]) AND document_type = $2 AND id = ANY($3::bigint[])"
        " GROUP BY id, period",
        [row[0] for row in names],
        kind.value,
        [key[0] for key in keys],
    )
    return {(row[0], row[1]): row[2] for row in rows}


async def held_by_better(
    connection: Connection, source: Source, kind: DocumentType, ids: Iterable[int]
) -> frozenset[int]:
    """Of the documents of these ids those that a source of a better rank holds."""
    rows = await connection.fetch(
        "SELECT id FROM document JOIN source ON name = source WHERE document_type = $1"
        " AND id = ANY($2::bigint[]) AND rank < $3 AND NOT withdrawn",
        kind.value,
        list(ids),
        source.rank,
    )
    return frozenset(row[0] for row in rows)


@dataclass(slots=True)
class Memory:
    """All that was remembered of a source's documents at its turn `turn`: by type `id`, `period`,
    `parent`, `digest` (hexadecimal), `revision`, `withdrawn`."""

    source: str
    turn: int
    documents: Mapping[DocumentType, pl.DataFrame]

    @classmethod
    async def read(cls, connection: Connection, source: str) -> "Memory":
        """As of the last turn that is over, or a later one."""
        turn = await connection.fetchval("SELECT turn FROM document_turn WHERE source = $1", source)
        return cls(source, turn or 0, await _remembered(connection, source))

    async def take_turn(self, connection: Connection) -> None:
        """`take_turn`; what another door did since this memory's last turn is read anew."""
        turn = await take_turn(connection, self.source)
        if turn != self.turn + 1:
            self.documents = await _remembered(connection, self.source)
        self.turn = turn


async def _remembered(connection: Connection, source: str) -> dict[DocumentType, pl.DataFrame]:
    return {kind: await _of_type(connection, source, kind) for kind in DocumentType}


async def _of_type(connection: Connection, source: str, kind: DocumentType) -> pl.DataFrame:
    text = io.BytesIO()
    await connection.copy_from_query(
        "SELECT id, period, parent, encode(digest, 'hex'), revision, withdrawn::integer"
        " FROM document WHERE source = $1 AND document_type = $2",
        source,
        kind.value,
        output=text,
        format="csv",
    )
    text.seek(0)
    rows = pl.read_csv(text, has_header=False, schema=_REMEMBERED, raise_if_empty=False)
    return rows.with_columns(pl.col("withdrawn").cast(pl.Boolean))


async def remember(
    connection: Connection, source: str, kind: DocumentType, revised: Sequence[Revised]
) -> None:
    """Keep digests and revisions of documents of one type that are published, in the transaction
    that publishes them."""
    new = [_columns(entry.document, entry.revision) for entry in revised if entry.first]
    if new:
        await connection.copy_records_to_table(
            "document",
            records=[(source, kind.value, *row, False) for row in new],
            columns=[
                "source",
                "document_type",
                "id",
                "period",
                "parent",
                "digest",
                "revision",
                "withdrawn",
            ],
        )
    again = [_columns(entry.document, entry.revision) for entry in revised if not entry.first]
    if again:
        await connection.execute(
            "UPDATE document SET parent = seen.parent, digest = seen.digest,"
            " revision = seen.revision, withdrawn = false"
            " FROM unnest($3::bigint[], $4::integer[], $5::bigint[], $6::bytea[], $7::bigint[])"
            " AS seen (id, period, parent, digest, revision)"
            " WHERE document.source = $1 AND document.document_type = $2"
            " AND document.id = seen.id AND document.period = seen.period",
            source,
            kind.value,
            *(list(column) for column in zip(*again, strict=True)),
        )


def _columns(document: Document, revision: int) -> tuple[int, int, int, bytes, int]:
    return (*document.key, document.parent, document.digest, revision)


async def forget(
    connection: Connection, source: str, withdrawn: Sequence[tuple[Held, int]]
) -> None:
    """Mark documents withdrawn at their new revision."""
    await connection.execute(
        "UPDATE document SET withdrawn = true, revision = gone.revision"
        " FROM unnest($2::text[], $3::bigint[], $4::integer[], $5::bigint[])"
        " AS gone (document_type, id, period, revision)"
        " WHERE document.source = $1 AND document.document_type = gone.document_type"
        " AND document.id = gone.id AND document.period = gone.period",
        source,
        [held.type.value for held, _ in withdrawn],
        [held.key[0] for held, _ in withdrawn],
        [held.key[1] for held, _ in withdrawn],
        [revision for _, revision in withdrawn],
    )


def missing(held: pl.DataFrame, delivered: pl.DataFrame, kind: DocumentType) -> list[Held]:
    """Documents held whose key (id, period) is not among those delivered, in order of key."""
    gone = held.join(delivered, on=["id", "period"], how="anti").sort("id", "period")
    return [
        Held(kind, (identifier, period), parent, revision)
        for identifier, period, parent, revision in gone.select(
            "id", "period", "parent", "revision"
        ).iter_rows()
    ]


def count_changes(revised: Iterable[Revised], unchanged: int) -> dict[str, int]:
    """How many documents of one type are new, changed, unchanged."""
    counts = {Change.NEW.value: 0, Change.CHANGED.value: 0, Change.UNCHANGED.value: unchanged}
    for entry in revised:
        counts[entry.change.value] += 1
    return counts
