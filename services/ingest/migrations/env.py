"""Alembic's entry for the schema of `ingest`."""

from services.ingest.tables import METADATA
from shared.database.alembic_env import run_migrations

run_migrations(METADATA)
