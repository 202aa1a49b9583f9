"""A service's projection in its consumer group: what its worker runs, built once Kafka answers."""

from collections.abc import Sequence

from shared.database.pool import Database
from shared.kafka.cluster import cluster_id, log_start
from shared.kafka.consumer import Checkpoint, Log, SliceConsumer
from shared.kafka.keeper import Keeper
from shared.kafka.partitions import Budget
from shared.kafka.projection import Projection
from shared.kafka.subscription import Subscription
from shared.kafka.topics import TOPICS, dead_letter_topic, wait_for_topics
from shared.settings import ServiceSettings
from shared.telemetry.metrics import Metrics


async def project(
    settings: ServiceSettings,
    service: str,
    group: str,
    topics: Sequence[str],
    projection: Projection,
    database: Database,
    metrics: Metrics,
    checkpoint: Checkpoint,
) -> tuple[Keeper, Subscription]:
    """The projection's place in `group`; raises when Kafka is away or topics are missing.

    `group` is physical, `topics` are the names of the registry.
    """
    await wait_for_topics(settings)
    compacted = {settings.topic(name) for name, topic in TOPICS.items() if topic.compacted}
    log = Log(
        cluster_id=await cluster_id(settings),
        is_compacted=compacted.__contains__,
        begins_at=lambda topic, partition: log_start(settings, topic, partition),
        dead_letter_topic=dead_letter_topic,
    )
    slices = SliceConsumer(
        group=group, processor=group, projection=projection, log=log, checkpoint=checkpoint
    )
    keeper = Keeper(slices, database, service, metrics, Budget())
    return keeper, Subscription(settings, keeper, [settings.topic(t) for t in topics], group)
