"""The consuming half of `etp`: bytes in, handed over to shared.kafka."""

from services.etp.projection import EtpProjection
from services.etp.settings import SERVICE, TOPICS, EtpSettings
from shared.database.pool import Database
from shared.kafka.cluster import cluster_id, log_start
from shared.kafka.consumer import Checkpoint, Log, SliceConsumer
from shared.kafka.keeper import Keeper
from shared.kafka.partitions import Budget
from shared.kafka.subscription import Subscription
from shared.kafka.topics import TOPICS as DECLARED
from shared.kafka.topics import dead_letter_topic, wait_for_topics
from shared.telemetry.metrics import Metrics


async def build_subscription(
    settings: EtpSettings, database: Database, metrics: Metrics, checkpoint: Checkpoint
) -> tuple[Keeper, Subscription]:
    """The projection's place in its group; raises when Kafka is away or topics are missing."""
    await wait_for_topics(settings)
    compacted = {settings.topic(name) for name, topic in DECLARED.items() if topic.compacted}
    log = Log(
        cluster_id=await cluster_id(settings),
        is_compacted=compacted.__contains__,
        begins_at=lambda topic, partition: log_start(settings, topic, partition),
        dead_letter_topic=dead_letter_topic,
    )
    slices = SliceConsumer(
        group=settings.group,
        processor=settings.group,
        projection=EtpProjection(),
        log=log,
        checkpoint=checkpoint,
    )
    keeper = Keeper(slices, database, SERVICE, metrics, Budget())
    topics = [settings.topic(name) for name in TOPICS]
    return keeper, Subscription(settings, keeper, topics, settings.group)
