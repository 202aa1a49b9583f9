"""What a delivery changes: pure comparison of the documents it holds with those known.

Natural key → digest and revision. Unchanged: nothing is published. Changed: the next revision.
Withdrawn: a complete delivery no longer holds it. Back after a withdrawal: new, even if identical.
"""

import hashlib
from collections.abc import Iterable, Mapping
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Final, NamedTuple

from services.ingest.domain.keys import DocumentKey
from shared.contracts.ids import next_revision
from shared.contracts.registry import DocumentType

DIGEST_BYTES: Final = 16
NOWHERE: Final[Mapping[DocumentKey, int]] = MappingProxyType({})


def digest(payload: bytes) -> bytes:
    """Fingerprint of a document's data."""
    return hashlib.blake2b(payload, digest_size=DIGEST_BYTES).digest()


def digests_of(payloads: Iterable[bytes]) -> list[str]:
    """Fingerprints of many documents' data, in hexadecimal."""
    blake2b = hashlib.blake2b
    return [blake2b(payload, digest_size=DIGEST_BYTES).hexdigest() for payload in payloads]


class Change(StrEnum):
    """What a delivery does to a document, as the receipt counts it."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    WITHDRAWN = "withdrawn"


class Document(NamedTuple):
    """A document as delivered. `parent` is the annex of a version or a month, else the structure;
    `owner` the structure that keys its events; `digest` that of the data alone."""

    type: DocumentType
    key: DocumentKey
    parent: int
    owner: int
    payload: bytes
    digest: bytes


class Known(NamedTuple):
    """What ingest remembers of a document."""

    digest: bytes
    revision: int
    withdrawn: bool


class Revised(NamedTuple):
    """A document to publish under a revision."""

    document: Document
    change: Change
    revision: int
    first: bool
    """Never seen before: a row to insert, not to update."""


def revise(
    delivered: Iterable[Document],
    known: Mapping[DocumentKey, Known],
    accepted_at: datetime,
    elsewhere: Mapping[DocumentKey, int] = NOWHERE,
) -> tuple[list[Revised], int]:
    """The documents to publish, and how many are unchanged. `elsewhere` are the revisions of other
    sources that these documents must exceed."""
    revised: list[Revised] = []
    unchanged = 0
    for document in delivered:
        held = known.get(document.key)
        if held is None or held.withdrawn:
            revision = next_revision(_highest(held, elsewhere.get(document.key)), accepted_at)
            revised.append(Revised(document, Change.NEW, revision, first=held is None))
        elif held.digest != document.digest:
            revision = next_revision(_highest(held, elsewhere.get(document.key)), accepted_at)
            revised.append(Revised(document, Change.CHANGED, revision, first=False))
        else:
            unchanged += 1
    return revised, unchanged


def _highest(held: Known | None, elsewhere: int | None) -> int | None:
    found = [held.revision] if held else []
    return max([*found, elsewhere] if elsewhere is not None else found, default=None)


def too_many_withdrawn(withdrawn: int, held: int) -> bool:
    """More than 5 % of a view's documents: a person must say that it is meant."""
    return withdrawn * 20 > held
