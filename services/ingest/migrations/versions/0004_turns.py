"""Turns of the doors of a source."""

from pathlib import Path

from alembic import context

from shared.database.alembic_env import run_sql

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Create the table."""
    (records,) = context.config.attributes["schemas"]
    run_sql(Path(__file__).parents[1] / "sql", "0004_turns.sql", records)
