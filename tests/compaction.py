"""Topics that the broker compacts for real, at once instead of after days."""

import asyncio
from collections.abc import Mapping

from aiokafka import AIOKafkaConsumer
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.structs import TopicPartition

from shared.settings import ServiceSettings

SECONDS = 120
SEGMENT_MS = 1_000
"""A record this much younger (by its timestamp) than its segment begins another."""
EAGER = {
    "cleanup.policy": "compact",
    "segment.ms": str(SEGMENT_MS),
    "min.cleanable.dirty.ratio": "0.001",
}


async def clean_often(settings: ServiceSettings) -> None:
    """Let the cleaner of the one node of the tests' cluster look often, for as long as it runs.

    Once a cluster: asked again, even for the same, Kafka 4.3 cleaned nothing any more.
    """
    often = {"log.cleaner.backoff.ms": "500"}
    await _alter(settings, [ConfigResource(ConfigResourceType.BROKER, "1", often)])


async def configure(settings: ServiceSettings, topics: Mapping[str, Mapping[str, str]]) -> None:
    """Give topics (by their names in code) these settings, and no other."""
    resources = [
        ConfigResource(ConfigResourceType.TOPIC, settings.topic(name), dict(config))
        for name, config in topics.items()
    ]
    await _alter(settings, resources)


async def _alter(settings: ServiceSettings, resources: list[ConfigResource]) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=settings.kafka_bootstrap)
    await admin.start()
    try:
        for answer in await admin.alter_configs(resources):
            assert not any(resource[0] for resource in answer.resources)
    finally:
        await admin.close()


async def offsets(settings: ServiceSettings, name: str, partition: int) -> list[int]:
    """The offsets that one partition still holds."""
    consumer = AIOKafkaConsumer(
        bootstrap_servers=settings.kafka_bootstrap, auto_offset_reset="earliest"
    )
    await consumer.start()
    try:
        tp = TopicPartition(settings.topic(name), partition)
        consumer.assign([tp])
        end = (await consumer.end_offsets([tp]))[tp]
        await consumer.seek_to_beginning(tp)
        held: list[int] = []
        while await consumer.position(tp) < end:
            found = await consumer.getmany(tp, timeout_ms=200)
            held += [record.offset for record in found.get(tp, [])]
        return held
    finally:
        await consumer.stop()


async def wait_until_compacted(
    settings: ServiceSettings, name: str, partition: int, expected: list[int]
) -> None:
    """Wait until the broker's cleaner has left these offsets."""
    async with asyncio.timeout(SECONDS):
        while await offsets(settings, name, partition) != expected:
            await asyncio.sleep(0.5)
