"""Tables of `modulation`. Every revision of a document is a row of its own; what combines
documents is SQL over them (`queries/`). A test compares these definitions with the migrations."""

from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
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

from shared.database.documents import (
    financial_annex_version_table,
    revision_columns,
    structure_table,
)
from shared.database.tables import (
    access_log_table,
    consumer_position_table,
    dead_letter_table,
    outbox_table,
)

RECORDS: Final = "modulation"
PROJECTION: Final = "modulation_projection"


def _monthly_state(metadata: MetaData, schema: str) -> Table:
    """Revisions of monthly states: validated or not, and the hours of the lines that count, summed
    by contract (by person without contract), as arrays of one length; withdrawn, all are null."""
    return Table(
        "monthly_state",
        metadata,
        Column("annex_id", BigInteger),
        Column("year", SmallInteger),
        Column("month", SmallInteger),
        *revision_columns(),
        Column("validated", Boolean),
        Column("contracts", ARRAY(BigInteger)),
        Column("persons", ARRAY(Text)),
        Column("hours", ARRAY(Numeric)),
        PrimaryKeyConstraint("annex_id", "year", "month", "source", "revision"),
        schema=schema,
    )


def _employment(metadata: MetaData, schema: str) -> Table:
    """Revisions of contracts; `kind` and `regime` are those of the measure, `known` says if it
    is one. Withdrawn, all are null."""
    return Table(
        "employment",
        metadata,
        Column("contract_id", BigInteger),
        *revision_columns(),
        Column("structure_id", BigInteger),
        *(Column(name, Text) for name in ("person", "kind", "regime")),
        Column("known", Boolean),
        Column("renewal", Integer),
        Column("hired_on", Date),
        Column("ends_on", Date),
        Column("rsa", Text),
        Column("ass", Boolean),
        Column("aah", Boolean),
        Column("prescriber", Text),
        PrimaryKeyConstraint("contract_id", "source", "revision"),
        Index("employment_structure", "structure_id"),
        Index("employment_person", "person"),
        schema=schema,
    )


def _employment_exit(metadata: MetaData, schema: str) -> Table:
    """Revisions of definitive exits: the last day, the labels of reason and category."""
    return Table(
        "employment_exit",
        metadata,
        Column("contract_id", BigInteger),
        *revision_columns(),
        Column("left_on", Date),
        *(Column(name, Text) for name in ("reason", "category")),
        PrimaryKeyConstraint("contract_id", "source", "revision"),
        schema=schema,
    )


def _support_hours(metadata: MetaData, schema: str) -> Table:
    """Revisions of a year's support hours of a structure and kind, both regimes together."""
    return Table(
        "support_hours",
        metadata,
        Column("structure_id", BigInteger),
        Column("kind", Text),
        Column("year", SmallInteger),
        *revision_columns(),
        *(Column(name, Numeric) for name in ("technical_hours", "support_hours")),
        *(Column(name, Numeric) for name in ("partner_hours", "training_hours")),
        Column("positioned_persons", Integer),
        PrimaryKeyConstraint("structure_id", "kind", "year", "source", "revision"),
        schema=schema,
    )


def _all_tables() -> MetaData:
    metadata = MetaData()
    outbox_table(metadata, RECORDS)
    dead_letter_table(metadata, RECORDS)
    access_log_table(metadata, RECORDS)
    consumer_position_table(metadata, PROJECTION)
    structure_table(metadata, PROJECTION)
    financial_annex_version_table(metadata, PROJECTION)
    for table in (_monthly_state, _employment, _employment_exit, _support_hours):
        table(metadata, PROJECTION)
    return metadata


METADATA: Final = _all_tables()
