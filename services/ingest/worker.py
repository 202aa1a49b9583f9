"""The part of `ingest`'s worker that loads deliveries sent over HTTP, one after the other."""

import asyncio
import json
import sys
import time
from collections import Counter
from typing import Final

import structlog

from services.ingest.loader import BUSY, DONE
from services.ingest.refusals import refusal_counts
from services.ingest.settings import SERVICE, IngestSettings
from services.ingest.uploads import (
    Upload,
    archive_of,
    refuse_upload,
    tell_progress,
    uploads_folder,
    waiting_uploads,
)
from shared.database.pool import Database
from shared.telemetry.metrics import Metrics

TURN_SECONDS: Final = 1.0
SECONDS_AFTER_A_FAULT: Final = 5.0
MOST_FAULTS: Final = 3
"""Times that a load may die by itself before its upload is given up."""
_ABANDONED_SECONDS: Final = 3_600.0

_log = structlog.get_logger("uploads")


class Uploads:
    """Starts a process for each upload that waits; what it was loading resumes after a restart."""

    def __init__(self, settings: IngestSettings, database: Database, metrics: Metrics) -> None:
        self._settings = settings
        self._database = database
        self._metrics = metrics
        self._faults: Counter[str] = Counter()
        self._counted: dict[tuple[str, str], int] = {}

    async def run(self) -> None:
        """Load for ever; a fault waits for the next turn."""
        while True:
            try:
                await self._turn()
                await asyncio.sleep(TURN_SECONDS)
            except Exception as error:  # noqa: BLE001 - PostgreSQL away, a full disk
                _log.warning("uploads_wait", exc_info=error)
                await asyncio.sleep(SECONDS_AFTER_A_FAULT)

    async def _turn(self) -> None:
        async with self._database.connection() as connection:
            waiting = await waiting_uploads(connection)
            self._tell_refusals(await refusal_counts(connection))
        self._remove_abandoned({upload.submission_id for upload in waiting})
        for upload in waiting:
            code = await self._load(upload)
            _log.info("upload_turn", submission=upload.submission_id, exit_code=code)
            if code not in {DONE, BUSY}:
                await self._died(upload)

    async def _load(self, upload: Upload) -> int:
        """Run the loader of one upload to its end; killed when this task is cancelled."""
        asked = {
            "settings": self._settings.model_dump(mode="json"),
            "submission": upload.submission_id,
        }
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "services.ingest.loader",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        try:
            if process.stdin is not None:
                process.stdin.write(json.dumps(asked).encode() + b"\n")
                await process.stdin.drain()
            if process.stdout is not None:
                async for line in process.stdout:
                    async with self._database.connection() as connection:
                        await tell_progress(connection, upload.submission_id, json.loads(line))
            return await process.wait()
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()

    async def _died(self, upload: Upload) -> None:
        """A load that dies again and again is given up: its source sends it again, or an operator
        looks at the log."""
        self._faults[upload.submission_id] += 1
        if self._faults[upload.submission_id] < MOST_FAULTS:
            await asyncio.sleep(SECONDS_AFTER_A_FAULT)
            return
        async with self._database.connection() as connection:
            await refuse_upload(
                connection,
                upload.submission_id,
                "failed",
                "load-failed",
                "le chargement s'est interrompu plusieurs fois ; un opérateur doit regarder",
            )
        archive_of(self._settings, upload.submission_id).unlink(missing_ok=True)

    def _remove_abandoned(self, waiting: set[str]) -> None:
        """Archives that nothing waits for any more: of a request cut, of an upload over."""
        folder = uploads_folder(self._settings)
        before = time.time() - _ABANDONED_SECONDS
        for path in folder.glob("*") if folder.is_dir() else ():
            if path.stem not in waiting and path.stat().st_mtime < before:
                path.unlink(missing_ok=True)

    def _tell_refusals(self, counts: dict[tuple[str, str], int]) -> None:
        for (door, code), count in counts.items():
            seen = self._counted.get((door, code), 0)
            self._metrics.refusals.labels(SERVICE, door, code).inc(max(0, count - seen))
        self._counted = counts
