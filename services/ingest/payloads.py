"""Validated rows of the feed → documents: what is published of a declaration, and its digest.

A digest covers the data as published, in a canonical order: a row that moves in the file, or a
column that is not published, changes nothing.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from services.ingest.delivered import with_digests
from services.ingest.domain.documents import Document, digest
from services.ingest.domain.keys import DocumentKey
from services.ingest.domain.pseudonyms import PersonHash
from services.ingest.rsa_amounts import amounts_of_annex
from shared.contracts.fields import Contract
from shared.contracts.financial_annex_v1 import FinancialAnnexDeclared, RsaAmount
from shared.contracts.registry import DocumentType
from shared.contracts.structure_v1 import StructureDeclared


def structure_documents(rows: pl.DataFrame) -> list[Document]:
    """One document a structure."""
    return [
        document_of(
            DocumentType.STRUCTURE,
            (row["structure_id_siae"], 0),
            row["structure_id_siae"],
            row["structure_id_siae"],
            StructureDeclared.model_validate(
                {
                    "structure_id": row["structure_id_siae"],
                    "siret": row["structure_siret_actualise"] or row["structure_siret_signature"],
                    "name": row["structure_denomination"],
                    "municipality": row["structure_adresse_admin_commune"],
                    "insee_code": row["structure_adresse_admin_code_insee"],
                    "contact_email": row["structure_adresse_mail_corresp_technique"],
                },
                extra="forbid",
            ),
        )
        for row in rows.iter_rows(named=True)
    ]


def annex_documents(
    rows: pl.DataFrame, owners: Mapping[int, int], rsa: Sequence[RsaAmount]
) -> list[Document]:
    """One document an annex version; `rows` has the resolved `hours_base`."""
    return [
        document_of(
            DocumentType.FINANCIAL_ANNEX,
            (row["af_id_avenant_modification"], 0),
            row["af_id_annexe_financiere"],
            owners[row["af_id_annexe_financiere"]],
            _annex(row, rsa),
        )
        for row in rows.iter_rows(named=True)
    ]


def _annex(row: Mapping[str, Any], rsa: Sequence[RsaAmount]) -> FinancialAnnexDeclared:
    return FinancialAnnexDeclared.model_validate(
        {
            "amendment_id": row["af_id_avenant_modification"],
            "annex_id": row["af_id_annexe_financiere"],
            "structure_id": row["af_id_structure"],
            "annex_number": row["af_numero_annexe_financiere"],
            "convention_number": row["af_numero_convention"],
            "measure": row["af_mesure_dispositif_code"],
            "renewal": row["af_numero_avenant_renouvellement"] or 0,
            "amendment": row["af_numero_avenant_modification"] or 0,
            "state": row["af_etat_annexe_financiere_code"],
            "starts_on": row["af_date_debut_effet"],
            "ends_on": row["af_date_fin_effet"],
            "contracted_etp": row["af_etp_postes_insertion"],
            "hours_base": row["hours_base"],
            "unit_amount": row["af_montant_unitaire_annuel_valeur"],
            "total_amount": row["af_montant_total_annuel"],
            "cofinanced_amount": row["af_mt_cofinance"],
            "funder": row["af_id_financeur_code"],
            "signed_on": row["af_date_signature"],
            "received_on": row["af_date_reception_asp"],
            "validated_on": row["af_date_etat_valide"],
            "rsa_amounts": amounts_of_annex(row, rsa),
        },
        extra="forbid",
    )


def document_of(
    kind: DocumentType, key: DocumentKey, parent: int, owner: int, data: Contract
) -> Document:
    """The document that bears `data`."""
    payload = data.model_dump_json(exclude_none=True).encode()
    return Document(kind, key, parent, owner, payload, digest(payload))


def contract_documents(published: pl.DataFrame) -> pl.DataFrame:
    """One document a row, of a contract of a structure, as columns: those of `published` are the
    data as published."""
    return with_digests(
        published.select(
            pl.col("contract_id").alias("id"),
            pl.lit(0, pl.Int64).alias("period"),
            pl.col("structure_id").alias("parent"),
            pl.col("structure_id").alias("owner"),
            _json(pl.struct(pl.all())),
        )
    )


def month_documents(lines: pl.DataFrame, persons: PersonHash) -> pl.DataFrame:
    """One document a (annex, month), as columns: its lines in the order of (line id, version)."""
    by_month = ["annex_id", "year", "month"]
    return with_digests(
        _published_lines(lines, persons)
        .sort([*by_month, "line_id", "version"])
        .group_by(by_month, maintain_order=True)
        .agg(
            pl.col("owner").first(),
            pl.when(pl.col("person").is_not_null().any())
            .then(pl.lit(persons.key_id))
            .alias("hash_key_id"),
            pl.struct(
                "line_id", "version", "state", "hours", "asp_etp", "contract_id", "person"
            ).alias("lines"),
        )
        .select(
            pl.col("annex_id").alias("id"),
            (pl.col("year") * 100 + pl.col("month")).alias("period"),
            pl.col("annex_id").alias("parent"),
            "owner",
            _json(pl.struct(*by_month, "hash_key_id", "lines")),
        )
    )


def _json(data: pl.Expr) -> pl.Expr:
    return data.struct.json_encode().cast(pl.Binary).alias("payload")


def _published_lines(lines: pl.DataFrame, persons: PersonHash) -> pl.DataFrame:
    """Beyond the door a line without contract bears a pseudonym, never the person's id."""
    named = lines.select(
        pl.col("emi_afi_id").alias("annex_id"),
        pl.col("emi_sme_annee").alias("year"),
        pl.col("emi_sme_mois").alias("month"),
        pl.col("emi_dsm_id").alias("line_id"),
        pl.col("emi_sme_version").fill_null(1).alias("version"),
        pl.col("emi_esm_etat_code").alias("state"),
        pl.col("emi_nb_heures_travail").alias("hours"),
        pl.col("emi_part_etp").alias("asp_etp"),
        pl.col("emi_ctr_id").alias("contract_id"),
        pl.when(pl.col("emi_ctr_id").is_null()).then(pl.col("emi_pph_id")).alias("emi_pph_id"),
        "owner",
    )
    without = named.filter(pl.col("contract_id").is_null())
    if without.is_empty():
        return named.with_columns(person=pl.lit(None, pl.String))
    pairs = without.select("annex_id", "emi_pph_id").unique()
    pseudonyms = [persons.of_annex(annex, person) for annex, person in pairs.iter_rows()]
    return named.join(
        pairs.with_columns(person=pl.Series(pseudonyms, dtype=pl.String)),
        on=["annex_id", "emi_pph_id"],
        how="left",
    )
