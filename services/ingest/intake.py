"""A batch of declarations: judged one by one, made durable in one transaction, answered.

Submission, digests and revisions, rejects, idempotency key and outbox rows are written together:
what is answered is there, and what is not there was not answered.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from services.ingest import idempotency, referentials, submissions
from services.ingest.batches import Read
from services.ingest.chunks import ChunkWriter, Written
from services.ingest.declared import DeclaredDocuments
from services.ingest.documents import held_by_better, held_of, take_turn
from services.ingest.domain.declarations import Declaration, Refused
from services.ingest.domain.keys import DocumentKey, natural_key
from services.ingest.domain.pseudonyms import PersonHash
from services.ingest.domain.sources import Source
from services.ingest.domain.verdicts import NOT_MANDATED, Status, Verdict, http_status
from services.ingest.owners import Owners
from services.ingest.persons import known_pseudonyms
from services.ingest.readers.validate import schema_of
from services.ingest.readers.views import VIEWS
from services.ingest.settings import IngestSettings
from services.ingest.sources import first_source, read_source
from services.ingest.submissions import Counts, Submission
from shared.contracts.ids import event_id
from shared.contracts.registry import DocumentType
from shared.database.outbox import backlog
from shared.database.types import Connection
from shared.web.faults import Fault
from shared.web.problems import Problem

RETRY_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Batch:
    """Declarations as read, in order; `digest` is the whole request's, `key` its
    `Idempotency-Key`."""

    read: Sequence[Read]
    digest: bytes
    key: str | None


@dataclass(frozen=True, slots=True)
class Answer:
    """What is answered; `again` when the same request was answered before."""

    status: int
    body: dict[str, Any]
    again: bool = False


async def take(
    settings: IngestSettings,
    connection: Connection,
    name: str,
    batch: Batch,
    accepted_at: datetime,
) -> Answer:
    """Judge and keep a batch of source `name`. `Problem` when nothing was stored: 403 unknown
    source, 409 and 422 of the key, 503 while the outbox is full."""
    waiting = await backlog(connection)
    if (
        waiting.rows > settings.outbox_max_rows
        or waiting.oldest_seconds > settings.outbox_max_age_seconds
    ):
        raise Problem(
            503,
            "outbox-full",
            "Dépôts en attente",
            "Kafka ne publie plus assez vite : rien n'a été pris, renvoyez plus tard.",
            headers={"Retry-After": str(RETRY_SECONDS)},
        )
    async with connection.transaction():
        source = await read_source(connection, name)
        if source is None:
            raise Problem(
                403, "source-unknown", "Source inconnue", "Aucun opérateur n'a créé cette source."
            )
        if batch.key is not None:
            given = await idempotency.recall(connection, name, batch.key, batch.digest)
            if given is not None:
                return Answer(*given, again=True)
        await take_turn(connection, name)
        intake = await _Intake.open(settings, connection, source, batch, accepted_at)
        answer = await intake.run(batch.read)
        if batch.key is not None:
            await idempotency.keep(connection, name, batch.key, batch.digest, answer)
    return Answer(*answer)


@dataclass(slots=True)
class _Intake:
    """One batch in the transaction that keeps it."""

    connection: Connection
    source: Source
    submission: Submission
    owners: Owners
    held_better: frozenset[int]
    """Structures whose record is a better source's."""
    documents: DeclaredDocuments
    writer: ChunkWriter
    counts: Counts

    @classmethod
    async def open(
        cls,
        settings: IngestSettings,
        connection: Connection,
        source: Source,
        batch: Batch,
        accepted_at: datetime,
    ) -> "_Intake":
        declarations = [read for read in batch.read if isinstance(read, Declaration)]
        structures = [one.key[0] for one in declarations if one.type is DocumentType.STRUCTURE]
        submission = Submission(
            str(uuid4()), source.name, batch.digest.hex(), None, accepted_at, buckets=0
        )
        return cls(
            connection,
            source,
            submission,
            await Owners.read(connection, declarations),
            await held_by_better(connection, source, DocumentType.STRUCTURE, structures)
            if structures
            else frozenset(),
            await _documents(settings, connection, declarations),
            ChunkWriter(settings, connection, submission, source),
            Counts(),
        )

    async def run(self, read: Sequence[Read]) -> tuple[int, dict[str, Any]]:
        """Status and body of the answer, once all is written."""
        verdicts: dict[int, Verdict] = {}
        taken: dict[int, Declaration] = {}
        for index, entry in enumerate(read):
            errors = entry.errors if isinstance(entry, Refused) else self._refused(entry)
            if errors or isinstance(entry, Refused):
                verdicts[index] = Verdict(index, Status.REJECTED, errors=errors)
            else:
                taken[index] = entry
                self.owners.learn(entry)
        for some in _rounds(taken):
            for verdict in await self._publish(some):
                verdicts[verdict.index] = verdict
        ordered = [verdicts[index] for index in range(len(read))]
        await self._close(read, taken, ordered)
        items = [verdict.item() for verdict in ordered]
        return http_status(ordered), {"submission": self.submission.submission_id, "items": items}

    def _refused(self, declaration: Declaration) -> tuple[Fault, ...]:
        if self.source.declares_for_all:
            return self._outranked(declaration)
        concerned = self.owners.concerned(declaration)
        if self.source.may_declare_for(concerned) or (not concerned and declaration.withdrawn):
            return self._outranked(declaration)
        if concerned:
            message = "La structure concernée n'a pas donné mandat à cette source."
            return (Fault(NOT_MANDATED, "data", message),)
        message = "Annexe inconnue : elle doit être déclarée avant ses mois."
        return (Fault("unknown-annex", "data.annex_id", message),)

    def _outranked(self, declaration: Declaration) -> tuple[Fault, ...]:
        """The topic of structures keeps one record each: another source's would take the place of
        the better one's for good, since an unchanged record is not published again."""
        if declaration.type is not DocumentType.STRUCTURE:
            return ()
        if declaration.key[0] not in self.held_better:
            return ()
        message = "La fiche de cette structure est tenue par une source de meilleur rang."
        return (Fault("held-by-better-source", "data.structure_id", message),)

    async def _publish(self, some: dict[int, Declaration]) -> list[Verdict]:
        """Declarations of distinct keys: published, or withdrawn, by type."""
        told = {index: entry for index, entry in some.items() if not entry.withdrawn}
        documents = self.documents.documents(
            [(entry, self._keyed_by(entry)) for entry in told.values()]
        )
        written = {
            kind: await self.writer.publish_some(
                kind, [document for document in documents if document.type is kind], self.counts
            )
            for kind in {entry.type for entry in told.values()}
        }
        verdicts = [self._told(index, entry, written[entry.type]) for index, entry in told.items()]
        gone = {index: entry for index, entry in some.items() if entry.withdrawn}
        return verdicts + [await self._withdraw(index, entry) for index, entry in gone.items()]

    def _keyed_by(self, declaration: Declaration) -> int:
        """Like the feed's, a month of an unknown annex is keyed by the annex itself."""
        owner = self.owners.keyed_by(declaration)
        return declaration.data.annex_id if owner is None else owner

    async def _withdraw(self, index: int, declaration: Declaration) -> Verdict:
        kind, key = declaration.type, declaration.key
        held = await held_of(self.connection, self.source.name, kind, key)
        if held is None:
            message = "Cette source n'a jamais déclaré ce document."
            return Verdict(index, Status.REJECTED, errors=(Fault("not-declared", "data", message),))
        document, withdrawn = held
        if withdrawn:
            return self._verdict(index, declaration, document.revision, changed=False)
        (revision,) = await self.writer.withdraw_some([document], self.counts)
        return self._verdict(index, declaration, revision, changed=True)

    def _told(self, index: int, declaration: Declaration, written: Written) -> Verdict:
        published = written.published.get(declaration.key)
        if published is not None:
            return Verdict(index, Status.ACCEPTED, published)
        revision = written.known[declaration.key].revision
        return self._verdict(index, declaration, revision, changed=False)

    def _verdict(
        self, index: int, declaration: Declaration, revision: int, changed: bool
    ) -> Verdict:
        name = natural_key(declaration.type, declaration.key)
        identifier = event_id(self.source.name, declaration.type, name, revision)
        status = Status.ACCEPTED if changed else Status.UNCHANGED
        return Verdict(index, status, identifier)

    async def _close(
        self, read: Sequence[Read], taken: dict[int, Declaration], verdicts: Sequence[Verdict]
    ) -> None:
        """The submission, its rejects, the owners of annexes for those that come next."""
        identifier = self.submission.submission_id
        rejected = [verdict for verdict in verdicts if verdict.status is Status.REJECTED]
        state = "refused" if len(rejected) == len(verdicts) else "finished"
        self.counts.warnings.update(self.documents.warnings)
        receipt = submissions.receipt_of(identifier, state, {}, self.counts)
        await submissions.record_submission(
            self.connection, self.submission, state, receipt | {"rejected": len(rejected)}
        )
        rejects = [
            (read[verdict.index].type, verdict.index, fault.path, fault.code, "", fault.message)
            for verdict in rejected
            for fault in verdict.errors
        ]
        if rejects:
            await submissions.write_reject_rows(self.connection, identifier, rejects)
        owners = {
            entry.data.annex_id: entry.data.structure_id
            for entry in taken.values()
            if entry.type is DocumentType.FINANCIAL_ANNEX and not entry.withdrawn
        }
        if owners:
            await referentials.keep_owners(self.connection, self.source.name, owners)


async def _documents(
    settings: IngestSettings, connection: Connection, declarations: Sequence[Declaration]
) -> DeclaredDocuments:
    """What makes the documents of a batch, with what the first-rank source's deliveries left."""
    first = await first_source(connection)
    employers = {
        entry.data.structure_id
        for entry in declarations
        if entry.type is DocumentType.EMPLOYMENT and not entry.withdrawn
    }
    return DeclaredDocuments(
        PersonHash(bytes.fromhex(settings.secret("person-hash.key"))),
        await known_pseudonyms(connection, first, employers) if employers else {},
        await referentials.kept_referential(connection, first, referentials.AMOUNTS)
        if any(entry.type is DocumentType.FINANCIAL_ANNEX for entry in declarations)
        else schema_of(VIEWS[referentials.AMOUNTS]).to_frame(),
    )


def _rounds(taken: dict[int, Declaration]) -> Iterator[dict[int, Declaration]]:
    """The declarations in runs that hold each key once: a key told twice is told in order."""
    run: dict[int, Declaration] = {}
    keys: set[tuple[DocumentType, DocumentKey]] = set()
    for index, entry in taken.items():
        key = (entry.type, entry.key)
        if key in keys:
            yield run
            run, keys = {}, set()
        run[index] = entry
        keys.add(key)
    if run:
        yield run
