"""Records, projection, and what counts among everything declared."""

from pathlib import Path

from alembic import context

from shared.database.alembic_env import compress, run_sql, run_statements
from shared.database.documents import ANNEX, current_function
from shared.database.documents import SQL as SHARED

revision = "0001"
down_revision = None

_SQL = Path(__file__).parents[1] / "sql"
_DOCUMENTS = {
    ANNEX: ("amendment_id",),
    "monthly_state": ("annex_id", "year", "month"),
    "employment": ("contract_id",),
    "employment_exit": ("contract_id",),
    "support_hours": ("structure_id", "kind", "year"),
}


def upgrade() -> None:
    """Create the tables of both schemas; the functions live beside the tables they read."""
    records, projection = context.config.attributes["schemas"]
    run_sql(_SQL, "0001_records.sql", records)
    compress("outbox", "value")
    run_sql(_SQL, "0001_projection.sql", projection)
    compress("monthly_state", "contracts", "persons", "hours")
    current = [current_function(table, *key) for table, key in _DOCUMENTS.items()]
    run_statements(current, projection)
    run_sql(SHARED, "annex_in_force_1.sql", projection)
