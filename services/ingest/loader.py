"""`python -m services.ingest.loader`: the load of one upload, in a process of its own.

Reading a delivery takes a processor for minutes and memory that should not stay: the worker, whose
loop must turn, starts this process. One JSON line on stdin says what to load; lines on stdout say
how far it is. The end of stdin is the worker's: the load stops too, and resumes with the next.
"""

import json
import os
import sys
import threading
import time
from typing import Any, Final

import uvloop

from services.ingest.database import build_database
from services.ingest.load import load_feed
from services.ingest.requests import LoadRefused, LoadRequest, Progress
from services.ingest.settings import IngestSettings
from services.ingest.uploads import Upload, archive_of, refuse_upload, waiting_uploads
from shared.database.faults import UNAVAILABLE
from shared.telemetry.logging import configure_logging

DONE: Final = 0
BUSY: Final = 75
"""The source is being loaded elsewhere, or PostgreSQL is away: try again later."""
_SECONDS_BETWEEN_LINES: Final = 0.5


class _Lines(Progress):
    """Says how far the load is, now and then."""

    def __init__(self) -> None:
        self._next = 0.0

    def reading(self, done: int, total: int) -> None:
        self._say("reading", done, total)

    def publishing(self, done: int, total: int) -> None:
        self._say("publishing", done, total)

    def _say(self, phase: str, done: int, total: int) -> None:
        now = time.monotonic()
        if now < self._next and done < total:
            return
        self._next = now + _SECONDS_BETWEEN_LINES
        print(json.dumps({"phase": phase, "done": done, "total": total}), flush=True)  # noqa: T201


async def load_upload(settings: IngestSettings, submission_id: str) -> int:
    """Load an upload that still waits; `DONE` once its row says what became of it, or `BUSY`."""
    database = build_database(settings, "upload")
    try:
        async with database.connection() as connection:
            waiting = {u.submission_id: u for u in await waiting_uploads(connection)}
            if submission_id in waiting:
                await _load(settings, waiting[submission_id])
    except LoadRefused as refused:
        if refused.code == "load-running":
            return BUSY
        async with database.connection() as connection:
            await refuse_upload(connection, submission_id, "refused", refused.code, refused.reason)
    except UNAVAILABLE:
        return BUSY
    archive_of(settings, submission_id).unlink(missing_ok=True)
    return DONE


async def _load(settings: IngestSettings, upload: Upload) -> None:
    request = LoadRequest(
        [archive_of(settings, upload.submission_id)],
        upload.source,
        upload.allow_truncated,
        upload.allow_older,
        upload.accept_withdrawals,
        upload=upload.submission_id,
    )
    await load_feed(settings, build_database(settings, "load"), request, _Lines())


def _stop_with_the_worker() -> None:
    sys.stdin.read()
    os._exit(BUSY)


def main() -> None:
    """Read the request, load, and say by the exit code whether it is over."""
    asked: dict[str, Any] = json.loads(sys.stdin.readline())
    settings = IngestSettings.model_validate(asked["settings"])
    configure_logging("ingest-loader", settings.log_level, settings.log_file)
    threading.Thread(target=_stop_with_the_worker, daemon=True).start()
    sys.exit(uvloop.run(load_upload(settings, asked["submission"])))


if __name__ == "__main__":
    main()
