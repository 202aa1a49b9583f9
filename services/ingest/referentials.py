"""What ingest keeps of a delivery for the next ones: owners of annexes, and the referentials."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final

import polars as pl

from services.ingest.readers.scan import Scan
from services.ingest.readers.validate import schema_of
from services.ingest.readers.views import VIEWS
from shared.database.types import Connection

AMOUNTS: Final = "RefMontantIae"
REASONS: Final = "RefMotifSort"
CATEGORIES: Final = "RefCategorieSort"

_TABLES: Final[Mapping[str, tuple[str, Mapping[str, str]]]] = MappingProxyType(
    {
        AMOUNTS: (
            "referential_amount",
            {
                "rmi_id": "rmi_id",
                "rmi_code": "code",
                "rmi_libelle": "label",
                "rmi_valeur": "value",
                "rmi_date_debut_effet": "starts_on",
                "rmi_date_fin_effet": "ends_on",
                "code_dpt": "department",
            },
        ),
        REASONS: (
            "exit_reason",
            {"rms_id": "reason_id", "rms_libelle": "label", "rcs_id": "category_id"},
        ),
        CATEGORIES: ("exit_category", {"rcs_id": "category_id", "rcs_libelle": "label"}),
    }
)
"""Where each referential is kept: its table, and the table's column by the feed's."""


async def known_owners(connection: Connection, source: str) -> pl.DataFrame:
    """The structure that owned each annex at the last delivery that held it."""
    rows = await connection.fetch(
        "SELECT annex_id, structure_id FROM annex_owner WHERE source = $1", source
    )
    schema = {"annex_id": pl.Int64, "structure_id": pl.Int64}
    return pl.DataFrame([tuple(row) for row in rows], schema=schema, orient="row")


async def owners_of(connection: Connection, source: str, annexes: Sequence[int]) -> dict[int, int]:
    """The structure that owns each of `annexes`, for those that are known."""
    rows = await connection.fetch(
        "SELECT annex_id, structure_id FROM annex_owner"
        " WHERE source = $1 AND annex_id = ANY($2::bigint[])",
        source,
        annexes,
    )
    return dict(map(tuple, rows))


async def keep_owners(connection: Connection, source: str, owners: Mapping[int, int]) -> None:
    """Remember the owners that a delivery names."""
    await connection.execute(
        "INSERT INTO annex_owner (source, annex_id, structure_id)"
        " SELECT $1, * FROM unnest($2::bigint[], $3::bigint[])"
        " ON CONFLICT (source, annex_id) DO UPDATE SET structure_id = excluded.structure_id"
        " WHERE annex_owner.structure_id <> excluded.structure_id",
        source,
        list(owners),
        list(owners.values()),
    )


async def referential(connection: Connection, source: str, read: Scan, view: str) -> pl.DataFrame:
    """A referential as this delivery gives it, else as the last one that held it did."""
    if view in read.views:
        return read.referential(view)
    return await kept_referential(connection, source, view)


async def kept_referential(connection: Connection, source: str, view: str) -> pl.DataFrame:
    """A referential as the last delivery of `source` that held it gave it."""
    table, columns = _TABLES[view]
    rows = await connection.fetch(
        f"SELECT {', '.join(columns.values())} FROM {table} WHERE source = $1",  # noqa: S608 - names of ours
        source,
    )
    types = schema_of(VIEWS[view])
    schema = {name: types[name] for name in columns}
    return pl.DataFrame([tuple(row) for row in rows], schema=schema, orient="row")


async def keep_referentials(connection: Connection, source: str, read: Scan) -> None:
    """Replace the referentials that this delivery gives."""
    for view, (table, columns) in _TABLES.items():
        if view not in read.views:
            continue
        await connection.execute(
            f"DELETE FROM {table} WHERE source = $1",  # noqa: S608 - a name of ours
            source,
        )
        rows = read.referential(view).select(*columns).iter_rows()
        await connection.copy_records_to_table(
            table,
            records=[(source, *row) for row in rows],
            columns=["source", *columns.values()],
        )


def labelled_reasons(reasons: pl.DataFrame, categories: pl.DataFrame) -> pl.DataFrame:
    """`reason_id`, its label `reason`, and the label `category` of its category."""
    return reasons.join(categories, on="rcs_id", how="left").select(
        pl.col("rms_id").alias("reason_id"),
        pl.col("rms_libelle").alias("reason"),
        pl.col("rcs_libelle").alias("category"),
    )
