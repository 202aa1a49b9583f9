"""What later deliveries need: exit reasons, their categories, pseudonyms of persons."""

from pathlib import Path

from alembic import context

from shared.database.alembic_env import run_sql

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Create the tables."""
    (records,) = context.config.attributes["schemas"]
    run_sql(Path(__file__).parents[1] / "sql", "0003_persons.sql", records)
