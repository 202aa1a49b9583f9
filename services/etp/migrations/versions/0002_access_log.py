"""The access log: who read nominative data."""

from pathlib import Path

from alembic import context

from shared.database.alembic_env import run_sql

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Create the table among the records."""
    records, _ = context.config.attributes["schemas"]
    run_sql(Path(__file__).parents[1] / "sql", "0002_access_log.sql", records)
