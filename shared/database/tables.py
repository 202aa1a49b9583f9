"""Tables that services have alike, each in its own schemas."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY

_NOW = text("now()")
_ZERO = text("0")


def outbox_table(metadata: MetaData, schema: str) -> Table:
    """Events to publish: physical topic, key, headers (a JSON object of texts), value (null for
    a tombstone)."""
    return Table(
        "outbox",
        metadata,
        Column("id", BigInteger, primary_key=True),
        Column("topic", Text, nullable=False),
        Column("key", Text, nullable=False),
        Column("headers", Text, nullable=False),
        Column("value", LargeBinary),
        Column("created_at", DateTime(timezone=True), nullable=False, server_default=_NOW),
        schema=schema,
    )


def dead_letter_table(metadata: MetaData, schema: str) -> Table:
    """Records that a processor could not apply; one row a record. `payload` is capped, its size
    and digest are those of the whole."""
    return Table(
        "dead_letter",
        metadata,
        Column("id", BigInteger, primary_key=True),
        Column("kind", Text, nullable=False),
        Column("processor", Text, nullable=False),
        Column("reason", Text, nullable=False),
        Column("paths", ARRAY(Text), nullable=False),
        Column("failed_at", DateTime(timezone=True), nullable=False),
        Column("topic", Text, nullable=False),
        Column("partition", Integer, nullable=False),
        Column("record_offset", BigInteger, nullable=False),
        Column("key", LargeBinary),
        Column("record_timestamp", DateTime(timezone=True), nullable=False),
        Column("headers", Text, nullable=False),
        Column("payload", LargeBinary),
        Column("payload_size", Integer, nullable=False),
        Column("payload_digest", Text),
        Column("recoveries", Integer, nullable=False, server_default=_ZERO),
        Column("replayed_at", DateTime(timezone=True)),
        UniqueConstraint(
            "processor", "topic", "partition", "record_offset", name="dead_letter_record"
        ),
        schema=schema,
    )


def access_log_table(metadata: MetaData, schema: str) -> Table:
    """Uses of a right to read nominative data, and refusals of it."""
    return Table(
        "access_log",
        metadata,
        Column("id", BigInteger, primary_key=True),
        Column("at", DateTime(timezone=True), nullable=False),
        Column("reader", Text, nullable=False),
        Column("action", Text, nullable=False),
        Column("resource", Text, nullable=False),
        Column("allowed", Boolean, nullable=False),
        schema=schema,
    )


def consumer_position_table(metadata: MetaData, schema: str) -> Table:
    """Where each consumer group stands in each partition, and what became of every record."""
    counters = ("applied", "stale", "not_for_us", "rejected", "compacted", "redelivered")
    return Table(
        "consumer_position",
        metadata,
        Column("group_name", Text, primary_key=True),
        Column("topic", Text, primary_key=True),
        Column("partition", Integer, primary_key=True),
        Column("cluster_id", Text, nullable=False),
        Column("first_offset", BigInteger, nullable=False),
        Column("next_offset", BigInteger, nullable=False),
        *(Column(name, BigInteger, nullable=False, server_default=_ZERO) for name in counters),
        Column("updated_at", DateTime(timezone=True), nullable=False, server_default=_NOW),
        schema=schema,
    )
