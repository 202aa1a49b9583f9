"""Tables of schema `ingest`: its records, backed up and never rebuilt."""

from typing import Final

from sqlalchemy import (
    ARRAY,
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
    SmallInteger,
    Table,
    Text,
    text,
)

from shared.database.tables import outbox_table

METADATA: Final = MetaData()
_SCHEMA: Final = "ingest"
_NOW: Final = text("now()")
_ZERO: Final = text("0")

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

DOCUMENT_TURN: Final = Table(
    "document_turn",
    METADATA,
    Column("source", Text, primary_key=True),
    Column("turn", BigInteger, nullable=False),
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

EXIT_REASON: Final = Table(
    "exit_reason",
    METADATA,
    Column("source", Text, primary_key=True),
    Column("reason_id", BigInteger, primary_key=True, autoincrement=False),
    Column("label", Text),
    Column("category_id", BigInteger),
    schema=_SCHEMA,
)

EXIT_CATEGORY: Final = Table(
    "exit_category",
    METADATA,
    Column("source", Text, primary_key=True),
    Column("category_id", BigInteger, primary_key=True, autoincrement=False),
    Column("label", Text),
    schema=_SCHEMA,
)

STRUCTURE_PERSONS: Final = Table(
    "structure_persons",
    METADATA,
    Column("source", Text, primary_key=True),
    Column("structure_id", BigInteger, primary_key=True, autoincrement=False),
    Column("person_ids", ARRAY(BigInteger), nullable=False),
    Column("pseudonyms", ARRAY(Text), nullable=False),
    schema=_SCHEMA,
)

OUTBOX: Final = outbox_table(METADATA, _SCHEMA)

SOURCE: Final = Table(
    "source",
    METADATA,
    Column("name", Text, primary_key=True),
    Column("rank", SmallInteger, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=_NOW),
    schema=_SCHEMA,
)

MANDATE: Final = Table(
    "mandate",
    METADATA,
    Column("source", Text, ForeignKey(SOURCE.c.name), primary_key=True),
    Column("structure_id", BigInteger, primary_key=True, autoincrement=False),
    Column("since", DateTime(timezone=True), nullable=False, server_default=_NOW),
    schema=_SCHEMA,
)

CLIENT: Final = Table(
    "client",
    METADATA,
    Column("client_id", Text, primary_key=True),
    Column("source", Text, ForeignKey(SOURCE.c.name), nullable=False),
    Column("secret_hash", Text, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=_NOW),
    Column("revoked_at", DateTime(timezone=True)),
    schema=_SCHEMA,
)

IDEMPOTENCY: Final = Table(
    "idempotency",
    METADATA,
    Column("source", Text, ForeignKey(SOURCE.c.name), primary_key=True),
    Column("key", Text, primary_key=True),
    Column("digest", LargeBinary, nullable=False),
    Column("status", Integer, nullable=False),
    Column("answer", Text, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=_NOW),
    Index("idempotency_by_age", "created_at"),
    schema=_SCHEMA,
)

UPLOAD: Final = Table(
    "upload",
    METADATA,
    Column("submission_id", Text, primary_key=True),
    Column("source", Text, ForeignKey(SOURCE.c.name), nullable=False),
    Column("state", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("allow_truncated", Boolean, nullable=False),
    Column("allow_older", Boolean, nullable=False),
    Column("accept_withdrawals", Boolean, nullable=False),
    Column("received_at", DateTime(timezone=True), nullable=False, server_default=_NOW),
    Column("loaded_as", Text),
    Column("phase", Text),
    Column("done", BigInteger, nullable=False, server_default=_ZERO),
    Column("total", BigInteger, nullable=False, server_default=_ZERO),
    Column("code", Text),
    Column("reason", Text),
    Column("finished_at", DateTime(timezone=True)),
    Index("upload_waiting", "received_at", postgresql_where=text("state IN ('queued', 'running')")),
    schema=_SCHEMA,
)

REFUSAL: Final = Table(
    "refusal",
    METADATA,
    Column("door", Text, primary_key=True),
    Column("code", Text, primary_key=True),
    Column("count", BigInteger, nullable=False),
    schema=_SCHEMA,
)
