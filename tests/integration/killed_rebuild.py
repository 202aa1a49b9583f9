"""`python killed_rebuild.py CHECKPOINT`: a rebuild of `etp` that dies at a checkpoint."""

import asyncio
import os
import signal
import sys

from cli.rebuild import rebuild_service


def die_at(name: str) -> None:
    if name == sys.argv[1]:
        os.kill(os.getpid(), signal.SIGKILL)


asyncio.run(rebuild_service("etp", check=False, checkpoint=die_at))
