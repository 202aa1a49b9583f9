"""The HTTP door: sources, mandates, clients, idempotency keys, uploads, refusals counted."""

from pathlib import Path

from alembic import context

from shared.database.alembic_env import run_sql

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add the tables to the schema."""
    (records,) = context.config.attributes["schemas"]
    run_sql(Path(__file__).parents[1] / "sql", "0002_door.sql", records)
