"""A composition root for tests: a service's worker that has an accident at a chosen instant.

    python -m tests.faults.crashing_worker SERVICE ACCIDENT [POINT [NTH]]

`ends`, without any clean-up, or `freezes` the `NTH` time that checkpoint `POINT` is passed
(PostgreSQL then leaves its idle transaction alone, so that the fence alone can refuse it);
`freezes-in-copy` between two rows of a COPY behind the fence; `goes-deaf`: takes no more batches,
silently; `impatient`: no accident, but a frozen leader of the relay is ended after a second.
Production has no such door: a checkpoint is an argument of the composition roots alone.
"""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import asyncpg
import uvloop

import shared.database.faults as database_faults
import shared.kafka.worker as worker_module
from cli import context
from services.etp.app import build_worker as build_etp
from services.etp.settings import EtpSettings
from services.ingest.app import build_worker as build_ingest
from services.ingest.settings import IngestSettings
from services.modulation.app import build_worker as build_modulation
from services.modulation.settings import ModulationSettings
from shared.database import pool
from shared.kafka.consumer import Checkpoint
from shared.kafka.keeper import Keeper
from shared.settings import ServiceSettings
from shared.telemetry.logging import configure_logging

ENDED = 77
"""Exit code of a process that ended at its checkpoint."""
CRASHING = ("-m", "tests.faults.crashing_worker")


def accident(kind: str, point: str, nth: int) -> Checkpoint:
    """A checkpoint that ends or freezes the process the `nth` time it is called with `point`."""
    passed = 0

    def checkpoint(name: str) -> None:
        nonlocal passed
        passed += name == point
        if name != point or passed != nth:
            return
        if kind == "freezes":
            freeze()
        else:
            os._exit(ENDED)

    return checkpoint


def freeze() -> None:
    """Until somebody sends SIGCONT."""
    os.kill(os.getpid(), signal.SIGSTOP)


def freeze_in_copy() -> None:
    """The first COPY behind the fence stops in its middle: the server waits for more."""
    copy = asyncpg.Connection.copy_to_table

    async def freezing(connection: Any, table: str, **options: Any) -> Any:
        async def source() -> AsyncIterator[bytes]:
            freeze()
            yield b""

        if not table.endswith("_staging"):
            asyncpg.Connection.copy_to_table = copy
            options["source"] = source()
        return await copy(connection, table, **options)

    asyncpg.Connection.copy_to_table = freezing


def go_deaf() -> None:
    """Batches are never handled, while all the rest of the process lives on."""

    async def take(_keeper: Keeper, _runs: object) -> None:
        await asyncio.Event().wait()

    Keeper.take = take  # type: ignore[assignment, method-assign]
    worker_module.STUCK_SECONDS = 3.0


def main(service: str, kind: str, point: str = "", nth: str = "1") -> None:
    """Run the worker of `service` until its accident, or a signal."""
    settings = context.settings(ServiceSettings)
    configure_logging(f"{service}-worker", settings.log_level, settings.log_file)
    if kind == "freezes":
        pool.IDLE_IN_TRANSACTION_TIMEOUT = "10min"
    elif kind == "freezes-in-copy":
        freeze_in_copy()
    elif kind == "goes-deaf":
        go_deaf()
    elif kind == "impatient":
        database_faults.FROZEN_LEADER_AFTER = timedelta(seconds=1)
    checkpoint = accident(kind, point, int(nth))
    if service == "etp":
        worker = build_etp(context.settings(EtpSettings), checkpoint)
    elif service == "modulation":
        worker = build_modulation(context.settings(ModulationSettings), checkpoint)
    else:
        worker = build_ingest(context.settings(IngestSettings), checkpoint)
    uvloop.run(worker.run())


if __name__ == "__main__":
    main(*sys.argv[1:])
