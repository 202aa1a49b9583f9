"""A delivery of the feed: read whole, checked whole, then published bucket by bucket.

Nothing is written before the whole delivery was read and accepted. Then each chunk is one
transaction (digests, outbox, counts), so that a load that was killed goes on where it stopped,
under the same acceptance instant, hence the same revisions.
"""

import asyncio
import shutil
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import aclosing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import polars as pl

from services.ingest import chunks, referentials, submissions
from services.ingest.buckets import Given, buckets_of
from services.ingest.deliveries import VIEW_OF, Contents, contents_of, owners_in, views_of
from services.ingest.documents import Held, Memory, missing
from services.ingest.domain.documents import too_many_withdrawn
from services.ingest.domain.pseudonyms import PersonHash
from services.ingest.domain.sources import Source
from services.ingest.persons import keep_pseudonyms
from services.ingest.readers.delivery import Delivery, DeliveryRefused, open_delivery
from services.ingest.readers.scan import Scan, scan
from services.ingest.readers.warnings import annex_warnings, person_warnings, structure_warnings
from services.ingest.refusals import count_refusal
from services.ingest.requests import LoadRefused, LoadRequest, Progress
from services.ingest.rsa_amounts import rsa_amounts
from services.ingest.settings import IngestSettings
from services.ingest.sources import read_source
from services.ingest.submissions import Counts, Submission
from services.ingest.uploads import finish_upload
from shared.database.outbox import backlog
from shared.database.pool import Database
from shared.database.types import Connection

WAIT_SECONDS = 0.2
WITHDRAWALS_PER_CHUNK = 5_000


async def load_feed(
    settings: IngestSettings,
    database: Database,
    request: LoadRequest,
    progress: Progress,
    checkpoint: Callable[[str], None] = lambda _name: None,
) -> dict[str, Any]:
    """Load a delivery; its receipt. `LoadRefused`, which is counted, when nothing was changed."""
    started = asyncio.get_running_loop().time()
    try:
        async with database.connection() as connection:
            source = await _own(connection, request.source)
            with _private_folder(settings, request.source) as folder:
                load = _Load(settings, connection, source, request, progress, checkpoint, folder)
                receipt = await load.run()
    except LoadRefused as refused:
        async with database.connection() as connection:
            await count_refusal(connection, "load", refused.code)
        raise
    receipt["seconds"] = round(asyncio.get_running_loop().time() - started, 3)
    return receipt


@contextmanager
def _private_folder(settings: IngestSettings, source: str) -> Iterator[Path]:
    """Where this source's files are unpacked; what a killed load left there goes first."""
    folder = settings.private_folder / f"load-{source}"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700, parents=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


async def _own(connection: Connection, name: str) -> Source:
    """The source, whose load nobody else makes until the connection ends."""
    source = await read_source(connection, name)
    if source is None:
        raise LoadRefused("unknown-source", f"source inconnue : {name}")
    if not source.declares_for_all:
        raise LoadRefused("feed-not-open", f"la source {name} ne dépose pas de livraison complète")
    if not await connection.fetchval(
        "SELECT pg_try_advisory_lock(hashtext('cadran.load'), hashtext($1))", name
    ):
        raise LoadRefused("load-running", f"un chargement de la source {name} est déjà en cours")
    return source


@dataclass(slots=True)
class _Load:
    """One load in progress, on one connection that holds the source's lock."""

    settings: IngestSettings
    connection: Connection
    source: Source
    request: LoadRequest
    progress: Progress
    checkpoint: Callable[[str], None]
    folder: Path

    async def run(self) -> dict[str, Any]:
        delivery = self._open()
        former = await submissions.unfinished(self.connection, self.request.source)
        resumed = former if former and former.fingerprint == delivery.fingerprint else None
        owners = await referentials.known_owners(self.connection, self.request.source)
        read = self._scan(delivery, owners)
        if resumed is not None and resumed.buckets != read.bucket_count:
            # Another release cuts otherwise: its chunks are not those that were finished.
            resumed = None
        try:
            if resumed is None:
                await self._check_age(read.stamp)
            contents, memory = await asyncio.gather(
                asyncio.to_thread(contents_of, read),
                Memory.read(self.connection, self.request.source),
            )
            withdrawn = self._withdrawn(contents, memory, check=resumed is None)
            submission = resumed or self._submission(delivery, read)
            given, warnings = await self._given(read, contents)
            if resumed is None:
                await self._open_submission(submission, read, given.owners, warnings)
            return await self._publish(submission, read, given, memory, withdrawn)
        finally:
            read.cleanup()

    def _open(self) -> Delivery:
        try:
            return open_delivery(self.request.paths, self.folder)
        except DeliveryRefused as refused:
            raise LoadRefused(refused.code, str(refused)) from refused

    def _scan(self, delivery: Delivery, owners: pl.DataFrame) -> Scan:
        done = 0

        def advance(count: int) -> None:
            nonlocal done
            done += count
            self.progress.reading(done, delivery.size)

        try:
            return scan(
                delivery,
                self.folder,
                allow_truncated=self.request.allow_truncated,
                known_owners=owners,
                progress=advance,
            )
        except DeliveryRefused as refused:
            raise LoadRefused(refused.code, str(refused)) from refused

    async def _check_age(self, stamp: datetime) -> None:
        last = await submissions.last_stamp(self.connection, self.request.source)
        if last is not None and stamp < last and not self.request.allow_older:
            raise LoadRefused(
                "older-delivery",
                f"livraison du {stamp:%d/%m/%Y %H:%M:%S}, plus ancienne que la dernière chargée"
                f" ({last:%d/%m/%Y %H:%M:%S}) ; --allow-older pour la charger quand même",
            )

    def _withdrawn(self, contents: Contents, memory: Memory, *, check: bool) -> list[Held]:
        """Documents of the views present that the delivery no longer holds."""
        withdrawn: list[Held] = []
        gone_of: Counter[str] = Counter()
        held_of: Counter[str] = Counter()
        for kind, keys in contents.keys.items():
            held = memory.documents[kind].filter(~pl.col("withdrawn"))
            gone = missing(held, keys, kind)
            gone_of[VIEW_OF[kind]] += len(gone)
            held_of[VIEW_OF[kind]] += held.height
            withdrawn += gone
        for view, count in gone_of.items():
            refused = check and too_many_withdrawn(count, held_of[view])
            if refused and not self.request.accept_withdrawals:
                raise LoadRefused(
                    "too-many-withdrawals",
                    f"{view} : {count} documents sur {held_of[view]} ne sont plus livrés"
                    " (plus de 5 %) ; --accept-withdrawals pour les retirer",
                )
        return withdrawn

    def _submission(self, delivery: Delivery, read: Scan) -> Submission:
        return Submission(
            str(uuid4()),
            self.request.source,
            delivery.fingerprint,
            read.stamp,
            datetime.now(UTC),
            read.bucket_count,
        )

    async def _publish(
        self,
        submission: Submission,
        read: Scan,
        given: Given,
        memory: Memory,
        withdrawn: Sequence[Held],
    ) -> dict[str, Any]:
        done = await submissions.done_chunks(self.connection, submission.submission_id)
        writer = chunks.ChunkWriter(self.settings, self.connection, submission, self.source)
        total = 1 + read.bucket_count + -(-len(withdrawn) // WITHDRAWALS_PER_CHUNK)
        source, count = self.request.source, read.bucket_count
        left = [number for number in range(count) if 1 + number not in done]
        async with aclosing(buckets_of(self.connection, source, read, given, left)) as buckets:
            async for bucket in buckets:
                number = 1 + bucket.number
                if bucket.pseudonyms is not None:
                    kept = (bucket.number, count, bucket.pseudonyms)
                    await keep_pseudonyms(self.connection, source, *kept)
                await self._wait_for_room()
                done[number] = await writer.publish(
                    number, bucket.documents, bucket.warnings, memory
                )
                self.checkpoint("chunk")
                self.progress.publishing(number + 1, total)
        first = 1 + max(read.bucket_count, *done)
        for start in range(0, len(withdrawn), WITHDRAWALS_PER_CHUNK):
            number = first + start // WITHDRAWALS_PER_CHUNK
            await self._wait_for_room()
            batch = withdrawn[start : start + WITHDRAWALS_PER_CHUNK]
            done[number] = await writer.withdraw(number, batch)
            self.checkpoint("chunk")
            self.progress.publishing(min(number + 1, total), total)
        return await self._finish(submission, read, done)

    async def _given(self, read: Scan, contents: Contents) -> tuple[Given, Counter[str]]:
        """What documents take from elsewhere than their bucket, and the warnings found there."""
        amounts, reasons, categories = [
            await referentials.referential(self.connection, self.request.source, read, view)
            for view in (referentials.AMOUNTS, referentials.REASONS, referentials.CATEGORIES)
        ]
        annexes, annex_counts = annex_warnings(read.annexes, amounts)
        warnings = structure_warnings(read.structures) + person_warnings(read.persons)
        given = Given(
            contents,
            owners_in(read),
            annexes,
            rsa_amounts(amounts),
            referentials.labelled_reasons(reasons, categories),
            PersonHash(bytes.fromhex(self.settings.secret("person-hash.key"))),
        )
        return given, warnings + annex_counts + read.warnings

    async def _open_submission(
        self, submission: Submission, read: Scan, owners: Mapping[int, int], warnings: Counter[str]
    ) -> None:
        """The first transaction: the submission, its rejects, what later deliveries need."""
        opening = Counts(warnings=warnings)
        async with self.connection.transaction():
            await submissions.open_submission(
                self.connection, submission, {"views": views_of(read)}
            )
            await submissions.write_rejects(
                self.connection, submission.submission_id, read.rejects()
            )
            await referentials.keep_owners(self.connection, submission.source, owners)
            await referentials.keep_referentials(self.connection, submission.source, read)
            await submissions.close_chunk(self.connection, submission.submission_id, 0, opening)

    async def _wait_for_room(self) -> None:
        """The outbox is bounded: while Kafka is away a load waits, and nothing is lost."""
        told = False
        while True:
            waiting = await backlog(self.connection)
            full = waiting.rows > self.settings.outbox_max_rows
            if not full and waiting.oldest_seconds < self.settings.outbox_max_age_seconds:
                return
            if not told:
                self.progress.waiting(
                    f"{waiting.rows} événements attendent d'être publiés sur Kafka"
                )
                told = True
            await asyncio.sleep(WAIT_SECONDS)

    async def _finish(
        self, submission: Submission, read: Scan, done: Mapping[int, Counts]
    ) -> dict[str, Any]:
        total = Counts()
        for kind in VIEW_OF:
            total.add_documents(kind, {})
        for counts in done.values():
            total.add(counts)
        receipt = submissions.receipt_of(
            submission.submission_id, "finished", views_of(read), total
        )
        async with self.connection.transaction():
            await submissions.finish_submission(self.connection, submission.submission_id, receipt)
            if self.request.upload is not None:
                await finish_upload(self.connection, self.request.upload, submission.submission_id)
        return receipt
