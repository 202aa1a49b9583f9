"""The documents of one bucket of a delivery, from its rows and from what the delivery gives all."""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import polars as pl

from services.ingest.delivered import as_columns
from services.ingest.deliveries import Contents, annexes_in, structures_in
from services.ingest.domain.pseudonyms import PersonHash
from services.ingest.employments import employment_documents
from services.ingest.exits import exit_documents
from services.ingest.payloads import annex_documents, month_documents, structure_documents
from services.ingest.persons import (
    PAIR_COLUMNS,
    identified,
    kept_pseudonyms,
    renewed_pseudonyms,
)
from services.ingest.readers.scan import Scan
from services.ingest.readers.warnings import contract_warnings, line_warnings, reason_warnings
from shared.contracts.financial_annex_v1 import RsaAmount
from shared.contracts.registry import DocumentType
from shared.database.types import Connection


@dataclass(frozen=True, slots=True)
class Given:
    """What documents take from elsewhere than the rows of their bucket: this delivery's, else
    what the last delivery held. `annexes` have their `hours_base`, `reasons` their labels."""

    contents: Contents
    owners: Mapping[int, int]
    annexes: pl.DataFrame
    rsa: Sequence[RsaAmount]
    reasons: pl.DataFrame
    persons: PersonHash


class Bucket(NamedTuple):
    """What one bucket gives: documents as columns by type, warnings counted, and the pseudonyms
    to keep of its structures when they are not those kept before."""

    number: int
    documents: Mapping[DocumentType, pl.DataFrame]
    warnings: Counter[str]
    pseudonyms: pl.DataFrame | None


async def buckets_of(
    connection: Connection, source: str, read: Scan, given: Given, numbers: Iterable[int]
) -> AsyncGenerator[Bucket]:
    """Buckets in turn, each made in a thread while the one before it is used. `connection` is only
    used when the next one is asked for."""
    identities = identified(read.persons) if "Salarie" in read.views else None
    coming: asyncio.Task[Bucket] | None = None
    try:
        for number in numbers:
            kept = await kept_pseudonyms(connection, source, number, read.bucket_count)
            made = asyncio.to_thread(_bucket, read, given, number, kept, identities)
            ready, coming = coming, asyncio.create_task(made)
            if ready is not None:
                yield await ready
        if coming is not None:
            yield await coming
    finally:
        if coming is not None:
            await asyncio.wait([coming])


def _bucket(
    read: Scan, given: Given, number: int, kept: pl.DataFrame, identities: pl.DataFrame | None
) -> Bucket:
    if identities is None:
        return Bucket(number, *bucket_documents(read, given, number, kept), None)
    employed = read.contracts(number, PAIR_COLUMNS)
    renewed = renewed_pseudonyms(employed, kept, identities, given.persons)
    documents, warnings = bucket_documents(read, given, number, renewed)
    return Bucket(number, documents, warnings, None if renewed.equals(kept) else renewed)


def bucket_documents(
    read: Scan, given: Given, bucket: int, pseudonyms: pl.DataFrame
) -> tuple[dict[DocumentType, pl.DataFrame], Counter[str]]:
    """Documents of a bucket as columns, by type, and the warnings about its rows."""
    count = read.bucket_count
    lines, contracts = read.lines(bucket), read.contracts(bucket)
    annexes = annexes_in(given.annexes, given.owners, bucket, count)
    documents = {
        DocumentType.STRUCTURE: as_columns(
            structure_documents(structures_in(read.structures, bucket, count))
        ),
        DocumentType.FINANCIAL_ANNEX: as_columns(annex_documents(annexes, given.owners, given.rsa)),
        DocumentType.MONTHLY_STATE: month_documents(lines, given.persons),
        DocumentType.EMPLOYMENT: employment_documents(contracts, pseudonyms, given.persons),
    }
    if DocumentType.EXIT in given.contents.keys:
        documents[DocumentType.EXIT] = exit_documents(contracts, given.contents.ends, given.reasons)
    known = given.reasons["reason_id"]
    warnings = line_warnings(lines) + contract_warnings(contracts)
    warnings += reason_warnings(lines["emi_motif_sortie_id"], known)
    warnings += reason_warnings(contracts["contrat_motif_sortie_id"], known)
    return documents, warnings
