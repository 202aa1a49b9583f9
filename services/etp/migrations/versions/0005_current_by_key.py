"""What counts among many revisions is found by key."""

from alembic import context

from shared.database.alembic_env import run_statements
from shared.database.documents import ANNEX, current_function

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Replace the function that gives the revisions that count."""
    _, projection = context.config.attributes["schemas"]
    run_statements([current_function(ANNEX, "amendment_id")], projection)
