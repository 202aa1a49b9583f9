"""One chunk of a load, one transaction: what changed is remembered and handed to the outbox."""

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Final, NamedTuple
from uuid import UUID

import polars as pl

from services.ingest.delivered import as_documents, differing
from services.ingest.documents import (
    Held,
    Memory,
    count_changes,
    forget,
    known_documents,
    remember,
    revisions_elsewhere,
    take_turn,
)
from services.ingest.domain.documents import NOWHERE, Change, Document, Known, Revised, revise
from services.ingest.domain.keys import OF_ANNEXES, DocumentKey, natural_key, withdrawn_data
from services.ingest.domain.sources import Source
from services.ingest.referentials import owners_of
from services.ingest.settings import IngestSettings
from services.ingest.submissions import Counts, Submission, close_chunk
from shared.contracts.envelope import Context, event_headers
from shared.contracts.ids import next_revision
from shared.contracts.registry import STRUCTURES, DocumentType, declared, withdrawn
from shared.database.outbox import OutboxRow, write_outbox
from shared.database.types import Connection

DOCUMENTS_AT_ONCE: Final = 5_000


class Written(NamedTuple):
    """What became of documents of one type, by key."""

    published: Mapping[DocumentKey, str]
    """The ids of the events of those that are new or changed."""
    known: Mapping[DocumentKey, Known]
    """What was remembered before; of the others it still holds."""


class ChunkWriter:
    """Writes the chunks of one submission."""

    def __init__(
        self,
        settings: IngestSettings,
        connection: Connection,
        submission: Submission,
        source: Source,
    ) -> None:
        self._settings = settings
        self._connection = connection
        self._submission = submission
        self._context = Context(
            source.name,
            source.rank,
            submission.accepted_at,
            UUID(submission.submission_id).hex,
        )

    async def publish(
        self,
        number: int,
        delivered: Mapping[DocumentType, pl.DataFrame],
        warnings: Mapping[str, int],
        memory: Memory,
    ) -> Counts:
        """Publish what is new or changed among documents as columns."""
        counts = Counts(warnings=Counter(warnings))
        async with self._connection.transaction():
            await memory.take_turn(self._connection)
            for kind, rows in delivered.items():
                differ, known = differing(rows, memory.documents[kind])
                same = rows.height - differ.height
                counts.add_documents(kind, {Change.UNCHANGED.value: same})
                for some in differ.iter_slices(DOCUMENTS_AT_ONCE):
                    await self._publish(kind, as_documents(kind, some), known, counts)
            await close_chunk(self._connection, self._submission.submission_id, number, counts)
        return counts

    async def publish_some(
        self, kind: DocumentType, documents: Sequence[Document], counts: Counts
    ) -> Written:
        """In the caller's transaction, which has the source's turn: publish what is new or
        changed among documents of one type, each key once."""
        keys = [document.key for document in documents]
        known = await known_documents(self._connection, self._submission.source, kind, keys)
        return Written(await self._publish(kind, documents, known, counts), known)

    async def _publish(
        self,
        kind: DocumentType,
        documents: Sequence[Document],
        known: Mapping[DocumentKey, Known],
        counts: Counts,
    ) -> dict[DocumentKey, str]:
        """By key the ids of the events."""
        submission = self._submission
        # Of a structure the log keeps its last record alone: it must be the highest too.
        elsewhere = (
            await revisions_elsewhere(
                self._connection, submission.source, kind, [one.key for one in documents]
            )
            if kind is DocumentType.STRUCTURE
            else NOWHERE
        )
        revised, unchanged = revise(documents, known, submission.accepted_at, elsewhere)
        await remember(self._connection, submission.source, kind, revised)
        events = self._events(kind, revised)
        await write_outbox(self._connection, events)
        counts.add_documents(kind, count_changes(revised, unchanged))
        counts.published += len(revised)
        keys = (entry.document.key for entry in revised)
        ids = (event.headers["ce_id"] for event in events)
        return dict(zip(keys, ids, strict=True))

    async def withdraw(self, number: int, gone: Sequence[Held]) -> Counts:
        """Withdraw documents that the delivery no longer holds, unless another door of the source
        declared them again since."""
        counts = Counts()
        async with self._connection.transaction():
            await take_turn(self._connection, self._submission.source)
            for kind, some in groupby(gone, key=lambda held: held.type):
                await self.withdraw_some(await self._still_held(kind, list(some)), counts)
            await close_chunk(self._connection, self._submission.submission_id, number, counts)
        return counts

    async def withdraw_some(self, gone: Sequence[Held], counts: Counts) -> list[int]:
        """In the caller's transaction, which has the source's turn: withdraw documents. Their
        new revisions, in order."""
        source, accepted_at = self._submission.source, self._submission.accepted_at
        revised = [(held, next_revision(held.revision, accepted_at)) for held in gone]
        owners = await owners_of(self._connection, source, [held.parent for held in gone])
        await forget(self._connection, source, revised)
        await write_outbox(
            self._connection,
            [self._withdrawal(held, revision, owners) for held, revision in revised],
        )
        for held in gone:
            counts.add_documents(held.type, {Change.WITHDRAWN.value: 1})
        counts.published += len(gone)
        return [revision for _, revision in revised]

    async def _still_held(self, kind: DocumentType, gone: Sequence[Held]) -> list[Held]:
        keys = [held.key for held in gone]
        known = await known_documents(self._connection, self._submission.source, kind, keys)
        return [held for held in gone if known[held.key].revision == held.revision]

    def _events(self, kind: DocumentType, revised: Sequence[Revised]) -> list[OutboxRow]:
        event = declared(kind)
        topic = self._settings.topic(event.topic)
        return [
            OutboxRow(
                topic,
                str(document.owner),
                event_headers(event, natural_key(kind, document.key), revision, self._context),
                document.payload,
            )
            for document, _, revision, _ in revised
        ]

    def _withdrawal(self, held: Held, revision: int, owners: Mapping[int, int]) -> OutboxRow:
        event = withdrawn(held.type)
        headers = event_headers(event, natural_key(held.type, held.key), revision, self._context)
        on_annex = held.type in OF_ANNEXES
        owner = owners.get(held.parent, held.parent) if on_annex else held.parent
        topic = self._settings.topic(event.topic)
        data = withdrawn_data(held.type, held.key, held.parent)
        value = None if event.topic == STRUCTURES else data.model_dump_json().encode()
        return OutboxRow(topic, str(owner), headers, value)
