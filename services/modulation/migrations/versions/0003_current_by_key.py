"""What counts among many revisions is found by key."""

from alembic import context

from shared.database.alembic_env import run_statements
from shared.database.documents import current_function

revision = "0003"
down_revision = "0002"

_DOCUMENTS = {
    "financial_annex_version": ("amendment_id",),
    "monthly_state": ("annex_id", "year", "month"),
    "employment": ("contract_id",),
    "employment_exit": ("contract_id",),
    "support_hours": ("structure_id", "kind", "year"),
}


def upgrade() -> None:
    """Replace the functions that give the revisions that count."""
    _, projection = context.config.attributes["schemas"]
    current = [current_function(table, *key) for table, key in _DOCUMENTS.items()]
    run_statements(current, projection)
