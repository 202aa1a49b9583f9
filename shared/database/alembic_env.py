"""What every service's Alembic `env.py` does: its own schemas, as its own role.

The configuration's attributes hold `url` and `schemas` (records first, then the projection if
there is one); the version table lives in the schema of records.
"""

import asyncio
from collections.abc import Iterable
from pathlib import Path

from alembic import context, op
from sqlalchemy import Connection, MetaData, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

VERSION_TABLE = "schema_version"


def run_migrations(metadata: MetaData) -> None:
    """Bring the schemas to the revision asked for, in one transaction; one process at a time."""
    asyncio.run(_migrate(metadata))


async def _migrate(metadata: MetaData) -> None:
    # No schema is the default one, so that every table is compared under its own.
    engine = create_async_engine(
        context.config.attributes["url"],
        poolclass=NullPool,
        connect_args={"server_settings": {"search_path": "pg_catalog"}},
    )
    async with engine.connect() as connection:
        await connection.run_sync(_run, metadata)
    await engine.dispose()


def _run(connection: Connection, metadata: MetaData) -> None:
    records = context.config.attributes["schemas"][0]
    connection.execute(text("SELECT pg_advisory_xact_lock(hashtext(:name))"), {"name": records})
    context.configure(
        connection=connection,
        target_metadata=metadata,
        version_table=VERSION_TABLE,
        version_table_schema=records,
        include_schemas=True,
    )
    with context.begin_transaction():
        context.run_migrations()
    connection.commit()


def run_sql(folder: Path, file: str, schema: str) -> None:
    """Inside a migration: run the statements of a file, each ended by `;` at a line's end, with
    `schema` alone on the search path."""
    run_statements((folder / file).read_text("utf-8").split(";\n"), schema)


def run_statements(statements: Iterable[str], schema: str) -> None:
    """Inside a migration: run statements with `schema` alone on the search path."""
    connection = op.get_bind()
    connection.exec_driver_sql(f'SET LOCAL search_path TO "{schema}"')
    for statement in statements:
        if statement.strip():
            connection.exec_driver_sql(statement)


def compress(table: str, *columns: str) -> None:
    """Inside a migration: compress wide columns by lz4, where the server was built with it."""
    connection = op.get_bind()
    supported = connection.scalar(
        text(
            "SELECT 'lz4' = ANY(enumvals) FROM pg_settings WHERE name = 'default_toast_compression'"
        )
    )
    for column in columns if supported else ():
        connection.exec_driver_sql(f"ALTER TABLE {table} ALTER COLUMN {column} SET COMPRESSION lz4")
