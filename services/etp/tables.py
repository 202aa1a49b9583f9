"""Tables of `etp`. Every revision of a document is a row of its own; what combines documents is
SQL over them (`migrations/sql/`). A test compares these definitions with the migrations."""

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
from sqlalchemy.dialects.postgresql import ARRAY

from shared.database.tables import consumer_position_table, dead_letter_table, outbox_table

RECORDS: Final = "etp"
PROJECTION: Final = "etp_projection"


def _revision_columns() -> tuple[Column[object], ...]:
    """What every revision of a document bears, beside its natural key."""
    return (
        Column("source", Text),
        Column("revision", BigInteger),
        Column("rank", SmallInteger, nullable=False),
        Column("withdrawn", Boolean, nullable=False),
        Column("accepted_at", DateTime(timezone=True), nullable=False),
    )


def _structure(metadata: MetaData, schema: str) -> Table:
    """Highest revision of each structure; of a withdrawn one the rest is null."""
    return Table(
        "structure",
        metadata,
        Column("structure_id", BigInteger, primary_key=True, autoincrement=False),
        Column("revision", BigInteger, nullable=False),
        Column("withdrawn", Boolean, nullable=False),
        *(Column(name, Text) for name in ("siret", "name", "municipality", "insee_code")),
        Column("department", Text),
        schema=schema,
    )


def _financial_annex_version(metadata: MetaData, schema: str) -> Table:
    """Revisions of annex versions: posts in monthly ETP, hours a yearly ETP, amounts in euros.

    `department` is the one of the number, null when it names none. A withdrawn revision has its
    annex id, and nulls after it.
    """
    return Table(
        "financial_annex_version",
        metadata,
        Column("amendment_id", BigInteger),
        *_revision_columns(),
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
        PrimaryKeyConstraint("amendment_id", "source", "revision"),
        Index("financial_annex_version_annex", "annex_id"),
        schema=schema,
    )


def _monthly_state(metadata: MetaData, schema: str) -> Table:
    """Revisions of monthly states: figures of the lines that count, and all lines as arrays of
    one length. Of a withdrawn revision all that is null.

    The key carries the figures, so that figures never read the rows with their arrays.
    """
    return Table(
        "monthly_state",
        metadata,
        Column("annex_id", BigInteger),
        Column("year", SmallInteger),
        Column("month", SmallInteger),
        *_revision_columns(),
        Column("state", Text),
        Column("mixed_states", Boolean),
        Column("lines", Integer),
        Column("hours", Numeric),
        Column("line_ids", ARRAY(BigInteger)),
        Column("line_versions", ARRAY(Integer)),
        Column("line_states", ARRAY(Text)),
        *(Column(name, ARRAY(Numeric)) for name in ("line_hours", "line_asp_etp")),
        Column("line_contracts", ARRAY(BigInteger)),
        Column("line_persons", ARRAY(Text)),
        PrimaryKeyConstraint(
            *("annex_id", "year", "month", "source", "revision"),
            postgresql_include=["rank", "withdrawn", "state", "mixed_states", "lines", "hours"],
        ),
        schema=schema,
    )


def _all_tables() -> MetaData:
    metadata = MetaData()
    outbox_table(metadata, RECORDS)
    dead_letter_table(metadata, RECORDS)
    consumer_position_table(metadata, PROJECTION)
    _structure(metadata, PROJECTION)
    _financial_annex_version(metadata, PROJECTION)
    _monthly_state(metadata, PROJECTION)
    return metadata


METADATA: Final = _all_tables()
