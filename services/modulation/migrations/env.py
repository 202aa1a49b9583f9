"""Alembic's entry for the schemas of `modulation`."""

from services.modulation.tables import METADATA
from shared.database.alembic_env import run_migrations

run_migrations(METADATA)
