"""The documents of one bucket of a delivery, from its rows and from what the delivery gives all."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from services.ingest.deliveries import Contents, annexes_in, structures_in
from services.ingest.domain.documents import Document
from services.ingest.domain.pseudonyms import PersonHash
from services.ingest.employments import employment_documents
from services.ingest.exits import exit_documents
from services.ingest.payloads import annex_documents, month_documents, structure_documents
from services.ingest.readers.scan import Scan
from services.ingest.readers.warnings import contract_warnings, line_warnings, reason_warnings
from shared.contracts.financial_annex_v1 import RsaAmount
from shared.contracts.registry import DocumentType


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


def bucket_documents(
    read: Scan, given: Given, bucket: int, pseudonyms: pl.DataFrame
) -> tuple[list[Document], Counter[str]]:
    """Documents of a bucket, type by type, and the warnings about its rows."""
    count = read.bucket_count
    lines, contracts = read.lines(bucket), read.contracts(bucket)
    documents = (
        structure_documents(structures_in(read.structures, bucket, count))
        + annex_documents(
            annexes_in(given.annexes, given.owners, bucket, count), given.owners, given.rsa
        )
        + month_documents(lines, given.persons)
        + employment_documents(contracts, pseudonyms, given.persons)
    )
    if DocumentType.EXIT in given.contents.keys:
        documents += exit_documents(contracts, given.contents.ends, given.reasons)
    known = given.reasons["reason_id"]
    warnings = line_warnings(lines) + contract_warnings(contracts)
    warnings += reason_warnings(lines["emi_motif_sortie_id"], known)
    warnings += reason_warnings(contracts["contrat_motif_sortie_id"], known)
    return documents, warnings
