"""The one producer of a service: the relay's."""

from aiokafka import AIOKafkaProducer

from shared.kafka.security import client_options
from shared.kafka.topics import MAX_RECORD_BYTES
from shared.settings import ServiceSettings


def build_producer(settings: ServiceSettings) -> AIOKafkaProducer:
    """An idempotent producer that waits for all replicas; zstd (trap 24).

    No transactions: aiokafka's have open bugs (trap 8); the outbox gives what we need.
    """
    return AIOKafkaProducer(
        **client_options(settings),
        acks="all",
        enable_idempotence=True,
        compression_type="zstd",
        linger_ms=5,
        max_batch_size=512 * 1024,
        max_request_size=MAX_RECORD_BYTES,
        request_timeout_ms=20_000,
    )
