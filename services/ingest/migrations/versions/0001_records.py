"""Records of ingest: submissions, documents, rejects, what later deliveries need, outbox."""

from pathlib import Path

from alembic import context

from shared.database.alembic_env import compress, run_sql

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create the tables of the schema."""
    (records,) = context.config.attributes["schemas"]
    run_sql(Path(__file__).parents[1] / "sql", "0001_records.sql", records)
    compress("outbox", "value")
