"""Months bear their source, and the ASP's own figures; the RSA amounts of annexes and the RSA
status of contracts.

What was projected before has none of these until the projection is rebuilt.
"""

from pathlib import Path

from alembic import context

from shared.database.alembic_env import run_sql

revision = "0003"
down_revision = "0002"

_SQL = Path(__file__).parents[1] / "sql"


def upgrade() -> None:
    """Add what months and contracts say more, and the views that read it."""
    _, projection = context.config.attributes["schemas"]
    run_sql(_SQL, "0003_projection.sql", projection)
    run_sql(_SQL, "0003_annex_month.sql", projection)
