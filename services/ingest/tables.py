"""Tables of schema `ingest`: its records, backed up and never rebuilt."""

from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
)

from shared.database.tables import outbox_table

METADATA: Final = MetaData()
_SCHEMA: Final = "ingest"

SUBMISSION: Final = Table(
    "submission",
    METADATA,
    Column("submission_id", Text, primary_key=True),
    Column("source", Text, nullable=False),
    Column("fingerprint", Text, nullable=False),
    Column("stamp", DateTime(timezone=False)),
    Column("accepted_at", DateTime(timezone=True), nullable=False),
    Column("state", Text, nullable=False),
    Column("receipt", Text, nullable=False),
    Column("buckets", Integer, nullable=False),
    Column("finished_at", DateTime(timezone=True)),
    schema=_SCHEMA,
)

CHUNK: Final = Table(
    "chunk",
    METADATA,
    Column("submission_id", Text, ForeignKey(SUBMISSION.c.submission_id), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("counts", Text, nullable=False),
    schema=_SCHEMA,
)

REJECT: Final = Table(
    "reject",
    METADATA,
    Column("submission_id", Text, ForeignKey(SUBMISSION.c.submission_id), nullable=False),
    Column("view", Text, nullable=False),
    Column("line", BigInteger, nullable=False),
    Column("column_name", Text, nullable=False),
    Column("code", Text, nullable=False),
    Column("value", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Index("reject_by_submission", "submission_id", "view", "line"),
    schema=_SCHEMA,
)

DOCUMENT: Final = Table(
    "document",
    METADATA,
    Column("source", Text, primary_key=True),
    Column("document_type", Text, primary_key=True),
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("period", Integer, primary_key=True, autoincrement=False),
    Column("parent", BigInteger, nullable=False),
    Column("digest", LargeBinary, nullable=False),
    Column("revision", BigInteger, nullable=False),
    Column("withdrawn", Boolean, nullable=False),
    schema=_SCHEMA,
)

ANNEX_OWNER: Final = Table(
    "annex_owner",
    METADATA,
    Column("source", Text, primary_key=True),
    Column("annex_id", BigInteger, primary_key=True, autoincrement=False),
    Column("structure_id", BigInteger, nullable=False),
    schema=_SCHEMA,
)

REFERENTIAL_AMOUNT: Final = Table(
    "referential_amount",
    METADATA,
    Column("source", Text, primary_key=True),
    Column("rmi_id", BigInteger, primary_key=True, autoincrement=False),
    Column("code", Text),
    Column("label", Text),
    Column("value", Text, nullable=False),
    Column("starts_on", Date),
    Column("ends_on", Date),
    Column("department", Text),
    schema=_SCHEMA,
)

OUTBOX: Final = outbox_table(METADATA, _SCHEMA)
