"""What the services ask of the cluster besides records."""

from aiokafka import AIOKafkaConsumer
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaConnectionError, KafkaTimeoutError, NodeNotReadyError
from aiokafka.structs import TopicPartition

from shared.kafka.client_gaps import close_gaps
from shared.kafka.records import Record
from shared.kafka.security import client_options
from shared.settings import ServiceSettings

UNAVAILABLE = (KafkaConnectionError, NodeNotReadyError, KafkaTimeoutError)
"""What a command meets when Kafka is away."""


async def cluster_id(settings: ServiceSettings) -> str:
    """The id that the cluster took when it was formatted: another id is another log."""
    admin = AIOKafkaAdminClient(**client_options(settings))
    await admin.start()
    try:
        return str((await admin.describe_cluster())["cluster_id"])
    finally:
        await admin.close()


async def end_offsets(settings: ServiceSettings, topics: list[str]) -> dict[tuple[str, int], int]:
    """The next offset of every partition of `topics` (physical names)."""
    consumer = AIOKafkaConsumer(**client_options(settings), enable_auto_commit=False)
    await consumer.start()
    try:
        partitions = [
            TopicPartition(topic, partition)
            for topic in topics
            for partition in await _partitions(consumer, topic)
        ]
        ends = await consumer.end_offsets(partitions)
        return {(tp.topic, tp.partition): offset for tp, offset in ends.items()}
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


async def _partitions(consumer: AIOKafkaConsumer, topic: str) -> list[int]:
    await consumer._client._wait_on_metadata(topic)
    return sorted(consumer.partitions_for_topic(topic) or ())
