"""One chunk of a load, one transaction: what changed is remembered and handed to the outbox."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Final
from uuid import UUID

from services.ingest.documents import Held, count_changes, forget, known_documents, remember
from services.ingest.domain.documents import Change, Document, Revised, revise
from services.ingest.referentials import owners_of
from services.ingest.settings import SOURCES, IngestSettings
from services.ingest.submissions import Counts, Submission, close_chunk
from shared.contracts import financial_annex_v1, monthly_state_v1, structure_v1
from shared.contracts.envelope import Context, event_headers
from shared.contracts.financial_annex_v1 import FinancialAnnexWithdrawn
from shared.contracts.ids import next_revision
from shared.contracts.monthly_state_v1 import MonthlyStateWithdrawn
from shared.contracts.registry import DocumentType, declared, withdrawn
from shared.database.outbox import OutboxRow, write_outbox
from shared.database.types import Connection

DOCUMENTS_AT_ONCE: Final = 5_000


class ChunkWriter:
    """Writes the chunks of one submission."""

    def __init__(
        self, settings: IngestSettings, connection: Connection, submission: Submission
    ) -> None:
        self._settings = settings
        self._connection = connection
        self._submission = submission
        source = SOURCES[submission.source]
        self._context = Context(
            source.name,
            source.rank,
            submission.accepted_at,
            UUID(submission.submission_id).hex,
        )

    async def publish(
        self, number: int, documents: Sequence[Document], warnings: Mapping[str, int]
    ) -> Counts:
        """Publish what is new or changed among `documents`."""
        counts = Counts(warnings=Counter(warnings))
        async with self._connection.transaction():
            for kind, some in _by_type(documents):
                await self._publish_some(kind, some, counts)
            await close_chunk(self._connection, self._submission.submission_id, number, counts)
        return counts

    async def _publish_some(
        self, kind: DocumentType, documents: Sequence[Document], counts: Counts
    ) -> None:
        submission = self._submission
        keys = [document.key for document in documents]
        known = await known_documents(self._connection, submission.source, kind, keys)
        revised, unchanged = revise(documents, known, submission.accepted_at)
        await remember(self._connection, submission.source, revised)
        await write_outbox(self._connection, [self._event(entry) for entry in revised])
        counts.add_documents(kind, count_changes(revised, unchanged))
        counts.published += len(revised)

    async def withdraw(self, number: int, gone: Sequence[Held]) -> Counts:
        """Withdraw documents that the delivery no longer holds."""
        counts = Counts()
        accepted_at = self._submission.accepted_at
        revised = [(held, next_revision(held.revision, accepted_at)) for held in gone]
        async with self._connection.transaction():
            owners = await owners_of(
                self._connection, self._submission.source, [held.parent for held in gone]
            )
            await forget(self._connection, self._submission.source, revised)
            await write_outbox(
                self._connection,
                [self._withdrawal(held, revision, owners) for held, revision in revised],
            )
            for held in gone:
                counts.add_documents(held.type, {Change.WITHDRAWN.value: 1})
            counts.published += len(gone)
            await close_chunk(self._connection, self._submission.submission_id, number, counts)
        return counts

    def _event(self, entry: Revised) -> OutboxRow:
        document = entry.document
        event = declared(document.type)
        headers = event_headers(
            event, natural_key(document.type, document.key), entry.revision, self._context
        )
        topic = self._settings.topic(event.topic)
        return OutboxRow(topic, str(document.owner), headers, document.payload)

    def _withdrawal(self, held: Held, revision: int, owners: Mapping[int, int]) -> OutboxRow:
        event = withdrawn(held.type)
        headers = event_headers(event, natural_key(held.type, held.key), revision, self._context)
        is_structure = held.type is DocumentType.STRUCTURE
        owner = held.parent if is_structure else owners.get(held.parent, held.parent)
        topic = self._settings.topic(event.topic)
        return OutboxRow(topic, str(owner), headers, _withdrawn_value(held))


def natural_key(kind: DocumentType, key: tuple[int, int]) -> str:
    """The natural key as envelopes write it."""
    identifier, period = key
    if kind is DocumentType.STRUCTURE:
        return structure_v1.natural_key(identifier)
    if kind is DocumentType.FINANCIAL_ANNEX:
        return financial_annex_v1.natural_key(identifier)
    return monthly_state_v1.natural_key(identifier, period // 100, period % 100)


def _withdrawn_value(held: Held) -> bytes | None:
    identifier, period = held.key
    if held.type is DocumentType.STRUCTURE:
        return None
    if held.type is DocumentType.FINANCIAL_ANNEX:
        data = FinancialAnnexWithdrawn(amendment_id=identifier, annex_id=held.parent)
        return data.model_dump_json().encode()
    year, month = divmod(period, 100)
    return (
        MonthlyStateWithdrawn(annex_id=identifier, year=year, month=month)
        .model_dump_json()
        .encode()
    )


def _by_type(
    documents: Sequence[Document],
) -> Iterator[tuple[DocumentType, list[Document]]]:
    for kind, run in groupby(documents, key=lambda document: document.type):
        same = list(run)
        for start in range(0, len(same), DOCUMENTS_AT_ONCE):
            yield kind, same[start : start + DOCUMENTS_AT_ONCE]
