"""Tables of declared documents, the same in every projection that keeps them.

Every revision of a document is a row of its own; of structures, whose topic is compacted, the
highest one alone is kept. What combines documents is SQL over them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Index,
    Integer,
    MetaData,
    Numeric,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
)

SQL: Final = Path(__file__).with_name("sql")
"""Functions over these tables, run by the migrations of the services that have them. A released
file does not change: another one, with the next number, replaces its function."""

STRUCTURE: Final = "structure"
ANNEX: Final = "financial_annex_version"
_POSITIONS: Final = "consumer_position"


@dataclass(frozen=True, slots=True)
class DocumentTable:
    """How rows are found and written: `key` is the primary key (the revision last where every one
    is kept), `types` its PostgreSQL types, `columns` all of them in order."""

    key: tuple[str, ...]
    types: tuple[str, ...]
    columns: tuple[str, ...]
    keeps_all: bool


def document_tables(metadata: MetaData, schema: str) -> Mapping[str, DocumentTable]:
    """The tables of documents of a projection's schema, by name."""
    return {
        table.name: DocumentTable(
            tuple(column.name for column in table.primary_key),
            tuple(str(column.type) for column in table.primary_key),
            tuple(column.name for column in table.columns),
            keeps_all="revision" in table.primary_key.columns,
        )
        for table in metadata.tables.values()
        if table.schema == schema and table.name != _POSITIONS
    }


def current_function(table: str, *key: str) -> str:
    """`<table>_current(as_of)`: of each document (`key`) the revision that counts, as a statement.

    Of each source the highest revision up to `as_of` holds; what is withdrawn is out; of the
    sources left the best rank counts, then the higher revision.

    Each row is judged by look-ups on the primary key: time grows with the revisions of a document,
    not with their pairs. CASE keeps the order, and keeps the planner from joining the table whole.
    """

    def same(left: str, right: str) -> str:
        return " AND ".join(f"{left}.{name} = {right}.{name}" for name in key)

    def highest(row: str) -> str:
        return (
            f"(SELECT later.revision = {row}.revision FROM {table} later"  # noqa: S608 - as below
            f" WHERE {same('later', row)} AND later.source = {row}.source"
            " AND later.revision <= as_of ORDER BY later.revision DESC LIMIT 1)"
        )

    return f"""
        CREATE OR REPLACE FUNCTION {table}_current(as_of bigint) RETURNS SETOF {table}
        LANGUAGE sql STABLE AS $$
            SELECT c.* FROM {table} c
            WHERE NOT c.withdrawn AND c.revision <= as_of
                AND CASE WHEN {highest("c")} THEN NOT EXISTS (
                    SELECT FROM {table} other
                    WHERE {same("other", "c")} AND other.source <> c.source
                        AND (other.rank < c.rank
                            OR other.rank = c.rank AND other.revision > c.revision)
                        AND NOT other.withdrawn AND other.revision <= as_of
                        AND {highest("other")})
                ELSE false END
        $$
    """  # noqa: S608 - names of our own tables


def revision_columns() -> tuple[Column[object], ...]:
    """What every revision of a document bears, beside its natural key."""
    return (
        Column("source", Text),
        Column("revision", BigInteger),
        Column("rank", SmallInteger, nullable=False),
        Column("withdrawn", Boolean, nullable=False),
        Column("accepted_at", DateTime(timezone=True), nullable=False),
    )


def structure_table(metadata: MetaData, schema: str) -> Table:
    """Highest revision of each structure; of a withdrawn one the rest is null."""
    return Table(
        STRUCTURE,
        metadata,
        Column("structure_id", BigInteger, primary_key=True, autoincrement=False),
        Column("revision", BigInteger, nullable=False),
        Column("withdrawn", Boolean, nullable=False),
        *(Column(name, Text) for name in ("siret", "name", "municipality", "insee_code")),
        Column("department", Text),
        schema=schema,
    )


def financial_annex_version_table(metadata: MetaData, schema: str, *more: Column[object]) -> Table:
    """Revisions of annex versions: posts in monthly ETP, hours a yearly ETP, amounts in euros;
    `more` are the columns of one service alone.

    `department` is the one of the number, null when it names none. A withdrawn revision has its
    annex id, and nulls after it.
    """
    return Table(
        ANNEX,
        metadata,
        Column("amendment_id", BigInteger),
        *revision_columns(),
        Column("annex_id", BigInteger, nullable=False),
        Column("structure_id", BigInteger),
        *(Column(name, Text) for name in ("annex_number", "convention_number")),
        *(Column(name, Text) for name in ("measure", "kind", "regime")),
        Column("counted", Boolean),
        Column("renewal", Integer),
        Column("amendment", Integer),
        Column("state", Text),
        Column("starts_on", Date),
        Column("ends_on", Date),
        *(Column(name, Numeric) for name in ("contracted_etp", "hours_base", "unit_amount")),
        *(Column(name, Numeric) for name in ("total_amount", "cofinanced_amount")),
        *(Column(name, Text) for name in ("funder", "department", "department_origin")),
        *(Column(name, Date) for name in ("signed_on", "received_on", "validated_on")),
        *more,
        PrimaryKeyConstraint("amendment_id", "source", "revision"),
        Index("financial_annex_version_annex", "annex_id"),
        schema=schema,
    )
