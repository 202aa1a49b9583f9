"""The migrations of each service make the tables that its code describes."""

from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, MetaData, make_url
from sqlalchemy.ext.asyncio import create_async_engine

from services.etp import tables as etp
from services.modulation import tables as modulation
from shared.database.alembic_env import VERSION_TABLE
from tests.homes import TestHome


@pytest.mark.parametrize("service", [etp, modulation], ids=lambda service: service.RECORDS)
async def test_the_migration_makes_the_tables_described(home: TestHome, service: Any) -> None:
    settings = home.home.read()
    url = make_url(settings["postgres"]["dsn"]).set(drivername="postgresql+asyncpg")
    options = {"server_settings": {"search_path": "pg_catalog"}}
    engine = create_async_engine(url, connect_args=options)
    schemas = {service.RECORDS, service.PROJECTION}
    metadata: MetaData = service.METADATA

    def differences(connection: Connection) -> list[Any]:
        context = MigrationContext.configure(
            connection,
            opts={
                "include_schemas": True,
                "include_name": lambda name, kind, _: kind != "schema" or name in schemas,
                "version_table": VERSION_TABLE,
                "version_table_schema": service.RECORDS,
                "compare_server_default": True,
            },
        )
        return list(compare_metadata(context, metadata))

    try:
        async with engine.connect() as connection:
            assert await connection.run_sync(differences) == []
    finally:
        await engine.dispose()
