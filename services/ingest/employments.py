"""Contracts of the feed → employments: who is a pseudonym beyond the door."""

import polars as pl

from services.ingest.domain.pseudonyms import PersonHash
from services.ingest.payloads import contract_documents


def employment_documents(
    contracts: pl.DataFrame, pseudonyms: pl.DataFrame, persons: PersonHash
) -> pl.DataFrame:
    """One document a contract, as columns. `pseudonyms` has `structure_id`, `person_id`, `person`
    of those whose NIR is known; the others are told by the feed's person id within their
    structure."""
    named = contracts.select(
        pl.col("contrat_id_ctr").alias("contract_id"),
        pl.col("contrat_id_structure").alias("structure_id"),
        pl.col("contrat_id_pph").alias("person_id"),
        pl.lit(persons.key_id).alias("hash_key_id"),
        pl.col("contrat_mesure_disp_code").alias("measure"),
        pl.col("contrat_type_contrat").alias("renewal"),
        pl.col("contrat_format_contrat_code").alias("format"),
        pl.col("contrat_date_embauche").alias("hired_on"),
        pl.col("contrat_date_fin_contrat").alias("ends_on"),
        pl.col("contrat_salarie_rsa").alias("rsa"),
        pl.col("contrat_salarie_ass").alias("ass"),
        pl.col("contrat_salarie_aah").alias("aah"),
        pl.col("contrat_orienteur_code").alias("prescriber"),
    )
    pair = ["structure_id", "person_id"]
    others = named.select(pair).unique().join(pseudonyms, on=pair, how="anti")
    told = others.with_columns(
        pl.Series(
            "person",
            [persons.of_structure(structure, None, person) for structure, person in others.rows()],
            dtype=pl.String,
        )
    )
    everyone = pl.concat([pseudonyms.select(told.columns), told])
    published = named.join(everyone, on=pair, how="left").drop("person_id")
    return contract_documents(published)
