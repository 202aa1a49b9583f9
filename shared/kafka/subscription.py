"""A FastStream subscriber that hands raw records to the slice consumer, and keeps its partitions.

FastStream gives the loop, the group and the rebalances; offsets, faults and order are ours
(reliability.md, traps 1 to 6).
"""

import asyncio
import logging
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener
from aiokafka.structs import TopicPartition
from faststream import AckPolicy
from faststream.kafka import KafkaBroker
from faststream.kafka.subscriber.usecase import BatchSubscriber
from faststream.security import BaseSecurity, SASLPlaintext, SASLScram256, SASLScram512

from shared.kafka.client_gaps import close_gaps
from shared.kafka.keeper import Keeper
from shared.kafka.records import Record
from shared.kafka.security import ssl_context
from shared.kafka.slices import by_partition
from shared.settings import ServiceSettings

REVOKE_SECONDS = 20.0
STOP_SECONDS = 10.0

_log = structlog.get_logger("subscription")


class Subscription(ConsumerRebalanceListener):  # type: ignore[misc]
    """One service's place in one consumer group. `keeper` does the work."""

    def __init__(
        self, settings: ServiceSettings, keeper: Keeper, topics: Sequence[str], group: str
    ) -> None:
        close_gaps()
        self._keeper = keeper
        self._broker = KafkaBroker(
            settings.kafka_bootstrap,
            ack_policy=AckPolicy.MANUAL,
            allow_auto_create_topics=False,
            graceful_timeout=30,
            apply_types=False,
            logger=logging.getLogger("faststream"),
            security=_security(settings),
        )
        self._subscriber: BatchSubscriber = self._broker.subscriber(
            *topics,
            group_id=group,
            group_instance_id=f"{group}-{settings.slot}",
            batch=True,
            max_records=2_000,
            batch_timeout_ms=100,
            auto_offset_reset="earliest",
            listener=self,
            session_timeout_ms=settings.kafka_session_ms,
            rebalance_timeout_ms=60_000,
            heartbeat_interval_ms=min(3_000, settings.kafka_session_ms // 3),
            fetch_max_bytes=16 * 1024 * 1024,
            max_partition_fetch_bytes=2 * 1024 * 1024,
            parser=self._parse,
            decoder=_hand_over,
        )
        self._subscriber(self._handle)

    async def start(self) -> None:
        """Join the group; raises when the broker is away (the caller tries again)."""
        await self._broker.start()

    async def stop(self) -> None:
        """Leave within a deadline; nothing rests on a clean stop (trap 12)."""
        with suppress(Exception, asyncio.CancelledError):
            async with asyncio.timeout(STOP_SECONDS):
                await self._broker.stop()

    def fenced(self) -> bool:
        """Did another process take this slot name? Then the group never takes this one back."""
        consumer = self._subscriber.consumer
        return consumer is not None and bool(consumer._coordinator.fenced)

    async def on_partitions_assigned(self, assigned: set[TopicPartition]) -> None:
        """Seek to the position rows: a speed-up, never needed, since the gap check does it."""
        _log.info("partitions_assigned", partitions=len(assigned))
        await self._keeper.assign(self._consumer(), assigned)

    async def on_partitions_revoked(self, revoked: set[TopicPartition]) -> None:
        """Let the running slice end within the deadline, then let go."""
        _log.info("partitions_revoked", partitions=len(revoked))
        await self._keeper.release(revoked, REVOKE_SECONDS)

    async def _handle(self, records: Any) -> None:
        """What escapes a handler would lose the batch until a rebalance: nothing does."""
        try:
            await self._keeper.take(by_partition(records))
        except Exception:  # noqa: BLE001
            _log.exception("batch_failed")

    async def _parse(self, records: tuple[Record, ...]) -> Any:
        """Never reads a header: one that is not UTF-8 would drop the whole batch (trap 5)."""
        return self._subscriber.parser.msg_class(
            body=b"", headers={}, raw_message=records, consumer=self._consumer()
        )

    def _consumer(self) -> AIOKafkaConsumer:
        consumer = self._subscriber.consumer
        if consumer is None:
            raise RuntimeError("subscriber without a consumer")
        return consumer


async def _hand_over(message: Any) -> tuple[Record, ...]:
    records: tuple[Record, ...] = message.raw_message
    return records


def _security(settings: ServiceSettings) -> BaseSecurity | None:
    """How FastStream's broker connects; `ValueError` for a mechanism unknown to it."""
    context = ssl_context(settings)
    protocol = settings.kafka_security_protocol
    if not protocol.startswith("SASL"):
        return BaseSecurity(ssl_context=context, use_ssl=True) if context else None
    mechanisms = {
        "PLAIN": SASLPlaintext,
        "SCRAM-SHA-256": SASLScram256,
        "SCRAM-SHA-512": SASLScram512,
    }
    mechanism = mechanisms.get(settings.kafka_sasl_mechanism)
    if mechanism is None:
        raise ValueError(f"mécanisme SASL inconnu : {settings.kafka_sasl_mechanism}")
    return mechanism(
        username=settings.kafka_sasl_username,
        password=settings.secret("kafka.password"),
        ssl_context=context,
        use_ssl=context is not None,
    )
