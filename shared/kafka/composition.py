"""The worker of a service, composed: the relay and the purge that every service has, the projection
that it feeds, if any, and the parts of its own."""

from collections.abc import Callable, Sequence
from functools import partial

from prometheus_client import CollectorRegistry

from shared.database.pool import Database
from shared.database.retention import Kept, Purge
from shared.kafka.cluster import open_log
from shared.kafka.consumer import Checkpoint, SliceConsumer, no_checkpoint
from shared.kafka.keeper import Keeper
from shared.kafka.partitions import Budget
from shared.kafka.projection import ServiceProjection
from shared.kafka.relay import Relay
from shared.kafka.subscription import Subscription
from shared.kafka.topics import wait_for_topics
from shared.kafka.worker import Consuming, Part, Worker
from shared.settings import ServiceSettings
from shared.telemetry.metrics import Metrics, build_metrics


def no_parts(_metrics: Metrics) -> Sequence[Part]:
    """A worker that does nothing of its own."""
    return ()


def compose_worker(
    settings: ServiceSettings,
    service: str,
    database: Database,
    *,
    kept: Sequence[Kept],
    projected: ServiceProjection | None = None,
    parts: Callable[[Metrics], Sequence[Part]] = no_parts,
    checkpoint: Checkpoint = no_checkpoint,
) -> Worker:
    """What `cadran serve worker` runs for `service`; nothing is connected before it runs.

    `kept`: what the purge holds to its age; `parts`: what else runs beside, given the metrics of
    the process.
    """
    registry = CollectorRegistry()
    metrics = build_metrics(registry)
    consuming = None
    if projected is not None:
        build = partial(subscribe, settings, projected, database, metrics, checkpoint)
        consuming = Consuming(service, metrics, build)
    return Worker(
        settings,
        service,
        registry,
        Relay(settings, database, service, metrics, checkpoint=checkpoint),
        Purge(database, kept),
        consuming=consuming,
        others=parts(metrics),
    )


async def subscribe(
    settings: ServiceSettings,
    projected: ServiceProjection,
    database: Database,
    metrics: Metrics,
    checkpoint: Checkpoint,
) -> tuple[Keeper, Subscription]:
    """The projection's place in its group; raises when Kafka is away or topics are missing."""
    await wait_for_topics(settings)
    slices = SliceConsumer(
        group=projected.group,
        processor=projected.group,
        projection=projected.projection,
        log=await open_log(settings),
        checkpoint=checkpoint,
    )
    keeper = Keeper(slices, database, projected.service, metrics, Budget())
    return keeper, Subscription(settings, keeper, projected.topics, projected.group)
