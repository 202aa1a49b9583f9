"""The consuming half of `modulation`: bytes in, handed over to shared.kafka."""

from services.modulation.projection import ModulationProjection
from services.modulation.settings import SCHEMAS, SERVICE, TOPICS, ModulationSettings
from shared.database.pool import Database
from shared.database.shadow import Schemas
from shared.kafka.cluster import open_log
from shared.kafka.consumer import Checkpoint, SliceConsumer
from shared.kafka.keeper import Keeper
from shared.kafka.partitions import Budget
from shared.kafka.rebuild import Rebuildable
from shared.kafka.subscription import Subscription
from shared.kafka.topics import wait_for_topics
from shared.telemetry.metrics import Metrics


async def build_subscription(
    settings: ModulationSettings, database: Database, metrics: Metrics, checkpoint: Checkpoint
) -> tuple[Keeper, Subscription]:
    """The projection's place in its group; raises when Kafka is away or topics are missing."""
    await wait_for_topics(settings)
    slices = SliceConsumer(
        group=settings.group,
        processor=settings.group,
        projection=ModulationProjection(),
        log=await open_log(settings),
        checkpoint=checkpoint,
    )
    keeper = Keeper(slices, database, SERVICE, metrics, Budget())
    topics = [settings.topic(name) for name in TOPICS]
    return keeper, Subscription(settings, keeper, topics, settings.group)


def rebuildable(settings: ModulationSettings) -> Rebuildable:
    """What `cadran rebuild modulation` must know."""
    topics = [settings.topic(name) for name in TOPICS]
    return Rebuildable(Schemas(*SCHEMAS), settings.group, topics, ModulationProjection())
