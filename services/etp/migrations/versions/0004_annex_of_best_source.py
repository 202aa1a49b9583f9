"""An annex is what the best source that holds it says."""

from alembic import context

from shared.database.alembic_env import run_sql
from shared.database.documents import SQL

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Replace the function that says which version of an annex counts."""
    _, projection = context.config.attributes["schemas"]
    run_sql(SQL, "annex_in_force_2.sql", projection)
