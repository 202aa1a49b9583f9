"""The relay: what the outbox holds goes to Kafka, at least once, in order per key the first time.

One relay per service sends (a session advisory lock; the others wait). It never remembers where it
was: what is in the outbox was not acknowledged.
"""

import asyncio
import time
from collections.abc import Sequence
from contextlib import suppress

import structlog
from aiokafka import AIOKafkaProducer

from shared.database.faults import terminate_frozen_leader
from shared.database.outbox import OutboxRow, backlog, delete_sent, read_chunk
from shared.database.pool import Database
from shared.database.types import Connection
from shared.kafka.consumer import Checkpoint, no_checkpoint
from shared.kafka.producer import build_producer
from shared.settings import ServiceSettings
from shared.telemetry.metrics import Metrics

CHUNK = 2_000
IDLE_SECONDS = 0.05
DEADLINE_SECONDS = 30.0
STOP_SECONDS = 5.0
RETRY_SECONDS = 1.0
STUCK_SECONDS = 120.0
"""Longer than a start, a sending and a stop of the producer, each of which ends by itself."""

Chunk = Sequence[tuple[int, OutboxRow]]
"""Rows of the outbox with their ids, in their order."""

_log = structlog.get_logger("relay")


class Relay:
    """Sends one service's outbox. `run` ends only when it is cancelled."""

    def __init__(
        self,
        settings: ServiceSettings,
        database: Database,
        service: str,
        metrics: Metrics,
        *,
        checkpoint: Checkpoint = no_checkpoint,
    ) -> None:
        self._settings = settings
        self._database = database
        self._service = service
        self._metrics = metrics
        self._checkpoint = checkpoint
        self._producer: AIOKafkaProducer | None = None
        self._measured_until = 0.0
        self._turned_at = _now()
        self.fault: str | None = None
        """Why nothing is sent now, in French; None when all is well."""

    async def run(self) -> None:
        """Send for ever; any fault drops connection and producer, and the chunk goes again."""
        while True:
            self._turned_at = _now()
            try:
                async with self._database.connection() as connection:
                    await self._lead(connection)
            except Exception as error:  # noqa: BLE001 - any fault is the infrastructure's
                self.fault = f"publication interrompue ({type(error).__name__})"
                _log.warning("relay_interrupted", exc_info=error)
                await self._drop_producer()
                await asyncio.sleep(RETRY_SECONDS)

    def stuck(self) -> str | None:
        """Why the process should be started again: a database that went silent is never told."""
        if _now() - self._turned_at > STUCK_SECONDS:
            return "la publication ne tourne plus"
        return None

    async def stop(self) -> None:
        """Let the producer go, within a deadline."""
        await self._drop_producer()

    async def _lead(self, connection: Connection) -> None:
        lock = ("cadran.relay", str(await connection.fetchval("SELECT current_schema()")))
        wanted = "SELECT pg_try_advisory_lock(hashtext($1), hashtext($2))"
        while not await connection.fetchval(wanted, *lock):
            self._turned_at = _now()
            self.fault = None
            if await terminate_frozen_leader(connection, lock):
                _log.warning("frozen_leader_ended", service=self._service)
            await asyncio.sleep(RETRY_SECONDS)
        _log.info("relay_leads", service=self._service)
        self._producer = await self._start_producer()
        self.fault = None
        while True:
            self._turned_at = _now()
            await self._measure(connection)
            chunk: Chunk = await read_chunk(connection, CHUNK)
            while chunk:
                chunk = await self._send_chunk(connection, chunk)
            await asyncio.sleep(IDLE_SECONDS)

    async def _send_chunk(self, connection: Connection, chunk: Chunk) -> Chunk:
        """Send and delete a chunk; the next one, read while Kafka acknowledges this one, unless
        this one was all there was."""
        self._turned_at = _now()
        identifiers = [identifier for identifier, _ in chunk]
        self._checkpoint("relay-send:before")
        reading = asyncio.create_task(read_chunk(connection, CHUNK, identifiers))
        try:
            await self._send([row for _, row in chunk])
            following = await reading
        finally:
            reading.cancel()
        self._checkpoint("relay-send:after")
        self._checkpoint("relay-mark:before")
        await delete_sent(connection, identifiers)
        self._checkpoint("relay-mark:after")
        await self._measure(connection)
        return following if len(chunk) == CHUNK else ()

    async def _send(self, rows: Sequence[OutboxRow]) -> None:
        """Send without waiting for each, then wait for all under one deadline."""
        producer = self._producer
        if producer is None:
            raise RuntimeError("relay without a producer")
        async with asyncio.timeout(DEADLINE_SECONDS):
            waiting = [
                await producer.send(
                    row.topic,
                    value=row.value,
                    key=row.key.encode(),
                    headers=[(name, text.encode()) for name, text in row.headers.items()],
                )
                for row in rows
            ]
            await asyncio.gather(*waiting)

    async def _measure(self, connection: Connection) -> None:
        now = asyncio.get_running_loop().time()
        if now < self._measured_until:
            return
        self._measured_until = now + 1.0
        waiting = await backlog(connection)
        self._metrics.outbox_rows.labels(self._service).set(waiting.rows)
        self._metrics.outbox_oldest_seconds.labels(self._service).set(waiting.oldest_seconds)

    async def _start_producer(self) -> AIOKafkaProducer:
        producer = build_producer(self._settings)
        try:
            await producer.start()
        except BaseException:
            await _stop(producer)
            raise
        return producer

    async def _drop_producer(self) -> None:
        """A producer that saw an error never serves again (trap 11)."""
        producer, self._producer = self._producer, None
        if producer is not None:
            await _stop(producer)


async def _stop(producer: AIOKafkaProducer) -> None:
    """Without a broker `stop` hangs or is cancelled from inside (trap 12)."""
    with suppress(Exception, asyncio.CancelledError):
        async with asyncio.timeout(STOP_SECONDS):
            await producer.stop()


def _now() -> float:
    return time.monotonic()
