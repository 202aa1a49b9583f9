"""Pseudonyms of the persons whose NIR is known, kept for deliveries without Salarie.

A NIR is read here, hashed, and goes no further. What is kept is the pseudonym by (structure,
person id of the feed), one row a structure.
"""

from collections.abc import Collection

import polars as pl

from services.ingest.domain.nir import identity_of
from services.ingest.domain.pseudonyms import PersonHash
from shared.database.types import Connection

PAIR_COLUMNS = ("contrat_id_structure", "contrat_id_pph")
"""Of contracts, those that tell who is employed where."""
_PAIR = ["structure_id", "person_id"]


def identified(persons: pl.DataFrame) -> pl.DataFrame:
    """`person_id` and `nir`, its identifying part, of the rows of Salarie that have one."""
    nirs = [identity_of(nir) for nir in persons["salarie_nir"]]
    return persons.select(
        pl.col("salarie_id").alias("person_id"), pl.Series("nir", nirs, dtype=pl.String)
    ).drop_nulls()


def pairs_of(contracts: pl.DataFrame) -> pl.DataFrame:
    """`structure_id` and `person_id` of contracts, each pair once."""
    return contracts.select(
        pl.col("contrat_id_structure").alias("structure_id"),
        pl.col("contrat_id_pph").alias("person_id"),
    ).unique()


def pseudonyms_by_nir(
    pairs: pl.DataFrame, identities: pl.DataFrame, persons: PersonHash
) -> pl.DataFrame:
    """`structure_id`, `person_id`, `person` of the pairs whose person is `identified`."""
    known = pairs.unique().join(identities, on="person_id", how="inner").sort(_PAIR)
    hashed = [
        persons.of_identity(structure, identity)
        for structure, identity in known.select("structure_id", "nir").iter_rows()
    ]
    return known.select(*_PAIR, pl.Series("person", hashed, dtype=pl.String))


def renewed_pseudonyms(
    contracts: pl.DataFrame, kept: pl.DataFrame, identities: pl.DataFrame, persons: PersonHash
) -> pl.DataFrame:
    """The pseudonyms by NIR of the structures of one bucket: of those kept, and of its contracts;
    `identities` are the persons `identified` by the delivery."""
    return pseudonyms_by_nir(
        pl.concat([pairs_of(contracts), kept.select(_PAIR)]), identities, persons
    )


async def kept_pseudonyms(
    connection: Connection, source: str, bucket: int, buckets: int
) -> pl.DataFrame:
    """What was kept of the structures of one bucket, in order."""
    rows = await connection.fetch(
        "SELECT structure_id, person_ids, pseudonyms FROM structure_persons"
        " WHERE source = $1 AND structure_id % $2 = $3 ORDER BY structure_id",
        source,
        buckets,
        bucket,
    )
    lists = pl.DataFrame(
        [tuple(row) for row in rows],
        schema={
            "structure_id": pl.Int64,
            "person_id": pl.List(pl.Int64),
            "person": pl.List(pl.String),
        },
        orient="row",
    )
    return lists.explode("person_id", "person")


async def known_pseudonyms(
    connection: Connection, source: str, structures: Collection[int]
) -> dict[tuple[int, int], str]:
    """What the deliveries of `source` told of the persons of structures, by person id."""
    rows = await connection.fetch(
        "SELECT structure_id, person_ids, pseudonyms FROM structure_persons"
        " WHERE source = $1 AND structure_id = ANY($2::bigint[])",
        source,
        structures,
    )
    return {
        (structure, person): pseudonym
        for structure, persons, pseudonyms in rows
        for person, pseudonym in zip(persons, pseudonyms, strict=True)
    }


async def keep_pseudonyms(
    connection: Connection, source: str, bucket: int, buckets: int, pseudonyms: pl.DataFrame
) -> None:
    """Replace what is kept of the structures of one bucket."""
    lists = pseudonyms.group_by("structure_id", maintain_order=True).agg("person_id", "person")
    async with connection.transaction():
        await connection.execute(
            "DELETE FROM structure_persons WHERE source = $1 AND structure_id % $2 = $3",
            source,
            buckets,
            bucket,
        )
        await connection.copy_records_to_table(
            "structure_persons",
            records=[(source, *row) for row in lists.iter_rows()],
            columns=["source", "structure_id", "person_ids", "pseudonyms"],
        )
