"""A composition root for tests: `cadran load` in small chunks, which may end at a chosen one.

    python -m tests.faults.crashing_load FOLDER [NTH]

ends the process, with no clean-up, when it has committed its `NTH` chunk; without `NTH` it loads to
the end and prints the receipt. What makes it wait is said on stderr.
"""

import asyncio
import json
import os
import sys
from pathlib import Path

from cli import context
from services.ingest.database import build_database
from services.ingest.load import load_feed
from services.ingest.readers import scan
from services.ingest.requests import LoadRequest, Progress
from services.ingest.settings import IngestSettings

LOADING = ("-m", "tests.faults.crashing_load")
ENDED = 78
"""Exit code of a load that ended at its chunk."""
SMALL_CHUNK_BYTES = 100_000


class Said(Progress):
    """Says on stderr what makes the load wait."""

    def waiting(self, reason: str) -> None:
        """One line."""
        sys.stderr.write(f"{reason}\n")
        sys.stderr.flush()


async def main(folder: str, nth: str = "0") -> None:
    """Load the delivery of `folder`."""
    passed = 0

    def checkpoint(_name: str) -> None:
        nonlocal passed
        passed += 1
        if passed == int(nth):
            os._exit(ENDED)

    settings = context.settings(IngestSettings)
    vars(scan).update(BUCKET_TEXT_BYTES=SMALL_CHUNK_BYTES)
    database = build_database(settings, "load")
    request = LoadRequest([Path(folder)])
    receipt = await load_feed(settings, database, request, Said(), checkpoint)
    sys.stdout.write(json.dumps(receipt))


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
