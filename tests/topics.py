"""What topics hold, read by a consumer of its own."""

import asyncio
from collections.abc import Sequence

from aiokafka import AIOKafkaConsumer, ConsumerRecord

from shared.settings import ServiceSettings


def read_topics(settings: ServiceSettings, names: Sequence[str]) -> list[ConsumerRecord]:
    """Every record of topics, by their names in code, from the first to the last one now."""

    async def read() -> list[ConsumerRecord]:
        consumer = AIOKafkaConsumer(
            *map(settings.topic, names),
            bootstrap_servers=settings.kafka_bootstrap,
            auto_offset_reset="earliest",
        )
        await consumer.start()
        try:
            partitions = list(consumer.assignment())
            ends = await consumer.end_offsets(partitions)
            records: list[ConsumerRecord] = []
            for partition in partitions:
                while await consumer.position(partition) < ends[partition]:
                    found = await consumer.getmany(partition, timeout_ms=1000)
                    records += found.get(partition, [])
            return records
        finally:
            await consumer.stop()

    return asyncio.run(read())
