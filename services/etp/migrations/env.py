"""Alembic's entry for the schemas of `etp`."""

from services.etp.tables import METADATA
from shared.database.alembic_env import run_migrations

run_migrations(METADATA)
