"""The documents of a delivery that comes first, without a database."""

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from services.ingest.buckets import Given, bucket_documents
from services.ingest.delivered import as_documents
from services.ingest.deliveries import contents_of, owners_in
from services.ingest.domain.pseudonyms import PersonHash
from services.ingest.persons import identified, pairs_of, pseudonyms_by_nir
from services.ingest.readers.delivery import open_delivery
from services.ingest.readers.scan import scan
from services.ingest.readers.warnings import annex_warnings
from services.ingest.referentials import AMOUNTS, CATEGORIES, REASONS, labelled_reasons
from services.ingest.rsa_amounts import rsa_amounts
from shared.contracts.registry import DocumentType, declared
from tests.unit.ingest.readers.feeds import NO_OWNERS

PERSONS = PersonHash(b"k" * 32)


def documents(feed: Path) -> dict[DocumentType, dict[str, dict[str, Any]]]:
    """The data of each document as published, by type and natural key: all obey their contract."""
    found: dict[DocumentType, dict[str, dict[str, Any]]] = {kind: {} for kind in DocumentType}
    with TemporaryDirectory() as name:
        read = scan(
            open_delivery([feed], Path(name)),
            Path(name),
            allow_truncated=False,
            known_owners=NO_OWNERS,
            progress=lambda _: None,
        )
        amounts = read.referential(AMOUNTS)
        given = Given(
            contents_of(read),
            owners_in(read),
            annex_warnings(read.annexes, amounts)[0],
            rsa_amounts(amounts),
            labelled_reasons(read.referential(REASONS), read.referential(CATEGORIES)),
            PERSONS,
        )
        for bucket in range(read.bucket_count):
            pseudonyms = pseudonyms_by_nir(
                pairs_of(read.contracts(bucket)), identified(read.persons), PERSONS
            )
            for kind, rows in bucket_documents(read, given, bucket, pseudonyms)[0].items():
                event = declared(kind)
                for document in as_documents(kind, rows):
                    data = event.model.model_validate_json(document.payload, extra="forbid")
                    assert str(document.key[0]) in event.subject(data)
                    found[kind][event.subject(data)] = json.loads(document.payload)
    return found
