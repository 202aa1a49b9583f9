"""What the services ask of the cluster besides records."""

import asyncio
from collections.abc import Sequence

from aiokafka import AIOKafkaConsumer
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaConnectionError, KafkaTimeoutError, NodeNotReadyError
from aiokafka.structs import TopicPartition

from shared.kafka.client_gaps import close_gaps
from shared.kafka.consumer import Log
from shared.kafka.records import Record
from shared.kafka.security import client_options
from shared.kafka.topics import TOPICS, dead_letter_topic
from shared.settings import ServiceSettings

PROBE_SECONDS = 10.0
PROBE_POLL_MS = 200

UNAVAILABLE = (KafkaConnectionError, NodeNotReadyError, KafkaTimeoutError)
"""What a command meets when Kafka is away."""


async def open_log(settings: ServiceSettings) -> Log:
    """The log as a consumer sees it; raises when Kafka is away."""
    compacted = {settings.topic(name) for name, topic in TOPICS.items() if topic.compacted}
    return Log(
        cluster_id=await cluster_id(settings),
        is_compacted=compacted.__contains__,
        begins_at=lambda topic, partition: log_start(settings, topic, partition),
        hole_to_end=lambda topic, partition, offset: hole_to_end(
            settings, topic, partition, offset
        ),
        dead_letter_topic=dead_letter_topic,
    )


async def cluster_id(settings: ServiceSettings) -> str:
    """The id that the cluster took when it was formatted: another id is another log."""
    admin = AIOKafkaAdminClient(**client_options(settings))
    await admin.start()
    try:
        return str((await admin.describe_cluster())["cluster_id"])
    finally:
        await admin.close()


async def end_offsets(
    settings: ServiceSettings, topics: Sequence[str]
) -> dict[tuple[str, int], int]:
    """The next offset of every partition of `topics` (physical names)."""
    return {key: end for key, (_, end) in (await bounds(settings, topics)).items()}


async def bounds(
    settings: ServiceSettings, topics: Sequence[str]
) -> dict[tuple[str, int], tuple[int, int]]:
    """The first offset and the next one of every partition of `topics` (physical names)."""
    consumer = AIOKafkaConsumer(**client_options(settings), enable_auto_commit=False)
    await consumer.start()
    try:
        partitions = [
            TopicPartition(topic, partition)
            for topic in topics
            for partition in await _partitions(consumer, topic)
        ]
        begins = await consumer.beginning_offsets(partitions)
        ends = await consumer.end_offsets(partitions)
        return {(tp.topic, tp.partition): (begins[tp], ends[tp]) for tp in partitions}
    finally:
        await consumer.stop()


async def log_start(settings: ServiceSettings, topic: str, partition: int) -> int:
    """The first offset that the log of one partition still holds."""
    consumer = AIOKafkaConsumer(**client_options(settings), enable_auto_commit=False)
    await consumer.start()
    try:
        tp = TopicPartition(topic, partition)
        return int((await consumer.beginning_offsets([tp]))[tp])
    finally:
        await consumer.stop()


async def read_record(
    settings: ServiceSettings, topic: str, partition: int, offset: int
) -> Record | None:
    """The record at one offset; None when the log no longer holds it."""
    close_gaps()
    consumer = AIOKafkaConsumer(**client_options(settings), enable_auto_commit=False)
    await consumer.start()
    try:
        tp = TopicPartition(topic, partition)
        consumer.assign([tp])
        begins = (await consumer.beginning_offsets([tp]))[tp]
        if not begins <= offset < (await consumer.end_offsets([tp]))[tp]:
            return None
        consumer.seek(tp, offset)
        record: Record = await consumer.getone(tp)
        return record if record.offset == offset else None
    finally:
        await consumer.stop()


async def hole_to_end(
    settings: ServiceSettings, topic: str, partition: int, offset: int
) -> int | None:
    """The end of the log when no record lies from `offset` to it; None when one does.

    What proves it is a fetch that was answered, at the place where reading stands, without a
    batch: a broker that does not answer proves nothing, and `TimeoutError` is raised.
    """
    close_gaps()
    consumer = AIOKafkaConsumer(
        **client_options(settings), enable_auto_commit=False, auto_offset_reset="earliest"
    )
    await consumer.start()
    try:
        tp = TopicPartition(topic, partition)
        consumer.assign([tp])
        consumer.seek(tp, offset)
        async with asyncio.timeout(PROBE_SECONDS):
            return await _read_to_end(consumer, tp, offset)
    finally:
        await consumer.stop()


async def _read_to_end(consumer: AIOKafkaConsumer, tp: TopicPartition, offset: int) -> int | None:
    """Batches without a record move the place where reading stands; so does a log cut short."""
    place, placed_at = offset, 0
    while True:
        answered_at, end = consumer.last_poll_timestamp(tp) or 0, consumer.highwater(tp)
        if await consumer.getmany(tp, timeout_ms=PROBE_POLL_MS):
            return None
        now = await consumer.position(tp)
        if now != place:
            place, placed_at = now, consumer.last_poll_timestamp(tp) or 0
        elif answered_at > placed_at and end is not None:
            return int(end) if end >= offset else None


async def _partitions(consumer: AIOKafkaConsumer, topic: str) -> list[int]:
    await consumer._client._wait_on_metadata(topic)
    return sorted(consumer.partitions_for_topic(topic) or ())
