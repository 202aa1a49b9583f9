"""What ingest keeps of a delivery for the next ones: owners of annexes, dated amounts."""

from collections.abc import Mapping, Sequence

import polars as pl

from shared.database.types import Connection

_AMOUNT_COLUMNS = {
    "rmi_id": "rmi_id",
    "rmi_code": "code",
    "rmi_libelle": "label",
    "rmi_valeur": "value",
    "rmi_date_debut_effet": "starts_on",
    "rmi_date_fin_effet": "ends_on",
    "code_dpt": "department",
}
_AMOUNT_SCHEMA = {
    "rmi_id": pl.Int64,
    "rmi_code": pl.String,
    "rmi_libelle": pl.String,
    "rmi_valeur": pl.String,
    "rmi_date_debut_effet": pl.Date,
    "rmi_date_fin_effet": pl.Date,
    "code_dpt": pl.String,
}


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


async def known_amounts(connection: Connection, source: str) -> pl.DataFrame:
    """The dated amounts of the last delivery that held them, with the feed's column names."""
    rows = await connection.fetch(
        "SELECT rmi_id, code, label, value, starts_on, ends_on, department"
        " FROM referential_amount WHERE source = $1 ORDER BY rmi_id",
        source,
    )
    return pl.DataFrame([tuple(row) for row in rows], schema=_AMOUNT_SCHEMA, orient="row")


async def keep_amounts(connection: Connection, source: str, amounts: pl.DataFrame) -> None:
    """Replace the dated amounts by those of a delivery."""
    await connection.execute("DELETE FROM referential_amount WHERE source = $1", source)
    await connection.copy_records_to_table(
        "referential_amount",
        records=[(source, *row) for row in amounts.select(*_AMOUNT_COLUMNS).iter_rows()],
        columns=["source", *_AMOUNT_COLUMNS.values()],
    )
