"""Records, projection, and the views over it."""

from pathlib import Path

from alembic import context

from shared.database.alembic_env import compress, run_sql, run_statements
from shared.database.documents import ANNEX, current_function
from shared.database.documents import SQL as SHARED

revision = "0001"
down_revision = None

_SQL = Path(__file__).parents[1] / "sql"
_LINES = ("ids", "versions", "states", "hours", "asp_etp", "contracts", "persons")


def upgrade() -> None:
    """Create the tables of both schemas; the functions live beside the tables they read."""
    records, projection = context.config.attributes["schemas"]
    run_sql(_SQL, "0001_records.sql", records)
    compress("outbox", "value")
    run_sql(_SQL, "0001_projection.sql", projection)
    compress("monthly_state", *(f"line_{name}" for name in _LINES))
    run_statements([current_function(ANNEX, "amendment_id")], projection)
    run_sql(SHARED, "annex_in_force_1.sql", projection)
    run_sql(_SQL, "0001_annex_month.sql", projection)
