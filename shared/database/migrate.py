"""Roles, schemas and tables: one role a service, which owns its two schemas and nothing else."""

from collections.abc import Sequence
from pathlib import Path

import asyncpg
from alembic import command
from alembic.config import Config
from sqlalchemy import URL

from shared.settings import ServiceSettings


async def ensure_role(
    admin_dsn: str, settings: ServiceSettings, role: str, schemas: Sequence[str]
) -> None:
    """Create what lacks: the role with its secret's password, its schemas, its right to connect.

    Nobody else may connect to the database, nor see a schema that is not theirs.
    """
    password = settings.secret(f"postgres-{role}.password")
    connection = await asyncpg.connect(admin_dsn, database=settings.postgres_database)
    try:
        async with connection.transaction():
            await connection.execute("SELECT pg_advisory_xact_lock(hashtext('cadran.roles'))")
            database = await connection.fetchval("SELECT quote_ident(current_database())")
            exists = await connection.fetchval("SELECT 1 FROM pg_roles WHERE rolname = $1", role)
            verb = "ALTER" if exists else "CREATE"
            quoted = await connection.fetchval("SELECT quote_literal($1::text)", password)
            await connection.execute(f"{verb} ROLE {role} LOGIN NOINHERIT PASSWORD {quoted}")
            await connection.execute(f"REVOKE ALL ON DATABASE {database} FROM PUBLIC")
            await connection.execute(f"GRANT CONNECT, TEMPORARY ON DATABASE {database} TO {role}")
            await connection.execute("REVOKE ALL ON SCHEMA public FROM PUBLIC")
            for schema in schemas:
                await connection.execute(
                    f"CREATE SCHEMA IF NOT EXISTS {schema} AUTHORIZATION {role}"
                )
    finally:
        await connection.close()


def migrate(settings: ServiceSettings, role: str, schemas: Sequence[str], migrations: Path) -> None:
    """Bring a service's schemas to the head of its migrations, as its own role."""
    url = URL.create(
        "postgresql+asyncpg",
        username=role,
        password=settings.secret(f"postgres-{role}.password"),
        host=settings.postgres_host,
        port=settings.postgres_port,
        database=settings.postgres_database,
    )
    config = Config()
    config.set_main_option("script_location", str(migrations))
    config.attributes["url"] = url
    config.attributes["schemas"] = tuple(schemas)
    command.upgrade(config, "head")
