"""A delivery of the feed: read whole, checked whole, then published bucket by bucket.

Nothing is written before the whole delivery was read and accepted. Then each chunk is one
transaction (digests, outbox, counts), so that a load that was killed goes on where it stopped,
under the same acceptance instant, hence the same revisions.
"""

import asyncio
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import polars as pl

from services.ingest import chunks, referentials, submissions
from services.ingest.deliveries import (
    VIEW_OF,
    annexes_in,
    delivered_keys,
    owners_in,
    structures_in,
    views_of,
)
from services.ingest.documents import Held, held_documents, missing
from services.ingest.domain.documents import too_many_withdrawn
from services.ingest.domain.pseudonyms import PersonHash
from services.ingest.domain.sources import Source
from services.ingest.payloads import annex_documents, month_documents, structure_documents
from services.ingest.readers.delivery import Delivery, DeliveryRefused, open_delivery
from services.ingest.readers.scan import Scan, scan
from services.ingest.readers.warnings import annex_warnings, line_warnings, structure_warnings
from services.ingest.requests import LoadRefused, LoadRequest, Progress
from services.ingest.rsa_amounts import rsa_amounts
from services.ingest.settings import IngestSettings
from services.ingest.sources import read_source
from services.ingest.submissions import Counts, Submission
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
    """Load a delivery; returns its receipt. `LoadRefused` when nothing was changed."""
    started = asyncio.get_running_loop().time()
    async with database.connection() as connection:
        source = await read_source(connection, request.source)
        if source is None:
            raise LoadRefused("unknown-source", f"source inconnue : {request.source}")
        if not await _lock(connection, request.source):
            raise LoadRefused(
                "load-running", f"un chargement de la source {request.source} est déjà en cours"
            )
        with _private_folder(settings, request.source) as folder:
            load = _Load(settings, connection, source, request, progress, checkpoint, folder)
            receipt = await load.run()
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


async def _lock(connection: Connection, source: str) -> bool:
    return bool(
        await connection.fetchval(
            "SELECT pg_try_advisory_lock(hashtext('cadran.load'), hashtext($1))", source
        )
    )


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
        try:
            if resumed is None:
                await self._check_age(read.stamp)
            withdrawn = await self._withdrawn(read, check=resumed is None)
            submission = resumed or self._submission(delivery, read)
            return await self._publish(submission, read, withdrawn, resumed is not None)
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

    async def _withdrawn(self, read: Scan, *, check: bool) -> list[Held]:
        """Documents of the views present that the delivery no longer holds."""
        withdrawn: list[Held] = []
        for kind, view in VIEW_OF.items():
            if view not in read.views:
                continue
            held = await held_documents(self.connection, self.request.source, kind)
            gone = missing(held, delivered_keys(read, kind), kind)
            refused = too_many_withdrawn(len(gone), held.height)
            if check and refused and not self.request.accept_withdrawals:
                raise LoadRefused(
                    "too-many-withdrawals",
                    f"{view} : {len(gone)} documents sur {held.height} ne sont plus livrés"
                    " (plus de 5 %) ; --accept-withdrawals pour les retirer",
                )
            withdrawn += gone
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
        self, submission: Submission, read: Scan, withdrawn: Sequence[Held], resumed: bool
    ) -> dict[str, Any]:
        owners = owners_in(read)
        done = await submissions.done_chunks(self.connection, submission.submission_id)
        amounts = await self._amounts(read)
        annexes, annex_counts = annex_warnings(read.annexes, amounts)
        if not resumed:
            opening = Counts(warnings=structure_warnings(read.structures) + annex_counts)
            opening.warnings.update(read.warnings)
            await self._open_submission(submission, read, owners, opening)
            done[0] = opening
        writer = chunks.ChunkWriter(self.settings, self.connection, submission, self.source)
        rsa = rsa_amounts(amounts)
        persons = PersonHash(bytes.fromhex(self.settings.secret("person-hash.key")))
        total = 1 + read.bucket_count + -(-len(withdrawn) // WITHDRAWALS_PER_CHUNK)
        for number in range(1, 1 + read.bucket_count):
            if number not in done:
                bucket = number - 1
                lines = read.lines(bucket)
                documents = (
                    structure_documents(structures_in(read.structures, bucket, read.bucket_count))
                    + annex_documents(
                        annexes_in(annexes, owners, bucket, read.bucket_count), owners, rsa
                    )
                    + month_documents(lines, persons)
                )
                await self._wait_for_room()
                done[number] = await writer.publish(number, documents, line_warnings(lines))
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

    async def _amounts(self, read: Scan) -> pl.DataFrame:
        if "RefMontantIae" in read.views:
            return read.referential
        return await referentials.known_amounts(self.connection, self.request.source)

    async def _open_submission(
        self, submission: Submission, read: Scan, owners: Mapping[int, int], opening: Counts
    ) -> None:
        """The first transaction: the submission, its rejects, what later deliveries need."""
        async with self.connection.transaction():
            await submissions.open_submission(
                self.connection, submission, {"views": views_of(read)}
            )
            await submissions.write_rejects(
                self.connection, submission.submission_id, read.rejects()
            )
            await referentials.keep_owners(self.connection, submission.source, owners)
            if "RefMontantIae" in read.views:
                await referentials.keep_amounts(
                    self.connection, submission.source, read.referential
                )
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
        receipt = {
            "submission": submission.submission_id,
            "state": "finished",
            "views": views_of(read),
            "documents": total.documents,
            "warnings": {code: count for code, count in sorted(total.warnings.items()) if count},
            "published": total.published,
        }
        async with self.connection.transaction():
            await submissions.finish_submission(self.connection, submission.submission_id, receipt)
        return receipt
