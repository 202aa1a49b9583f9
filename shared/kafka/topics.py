"""The topics, declared once: created by a command, verified at start-up, never auto-created."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from shared.contracts.registry import DECLARATIONS, STRUCTURES
from shared.kafka.security import client_options
from shared.settings import ServiceSettings

DAY_MS = 86_400_000
MAX_RECORD_BYTES = 12 * 1024 * 1024
"""What a topic takes: more than what a consumer reads, so that too large a record is accounted."""


class TopicsError(RuntimeError):
    """Topics are missing, or are not as declared; `reasons` says which and why, in French."""

    def __init__(self, reasons: Sequence[str]) -> None:
        super().__init__(" ; ".join(reasons))
        self.reasons = tuple(reasons)


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic and the settings that its promises rest on."""

    name: str
    config: Mapping[str, str] = field(default_factory=dict)

    @property
    def compacted(self) -> bool:
        """Does Kafka keep only the last record of each key?"""
        return self.config.get("cleanup.policy") == "compact"


_KEPT_FOR_EVER = {"cleanup.policy": "delete", "retention.ms": "-1", "retention.bytes": "-1"}


def dead_letter_topic(name: str) -> str:
    """Where the records of `name` that cannot be applied go, for 90 days."""
    return f"{name}-dlq"


TOPICS: Mapping[str, Topic] = {
    topic.name: topic
    for topic in (
        Topic(DECLARATIONS, _KEPT_FOR_EVER),
        Topic(STRUCTURES, {"cleanup.policy": "compact"}),
        *(
            Topic(dead_letter_topic(name), {"retention.ms": str(90 * DAY_MS)})
            for name in (DECLARATIONS, STRUCTURES)
        ),
    )
}


async def create_topics(settings: ServiceSettings) -> list[str]:
    """Create the topics that do not exist; returns their physical names."""
    admin = AIOKafkaAdminClient(**client_options(settings))
    await admin.start()
    try:
        existing = set(await admin.list_topics())
        new = [
            NewTopic(
                settings.topic(topic.name),
                settings.topic_partitions,
                settings.topic_replication,
                topic_configs={"max.message.bytes": str(MAX_RECORD_BYTES), **topic.config},
            )
            for topic in TOPICS.values()
            if settings.topic(topic.name) not in existing
        ]
        if new:
            answer = await admin.create_topics(new, timeout_ms=30_000)
            failed = [f"{t[0]} : {t[2]}" for t in answer.topic_errors if t[1] not in {0, 36}]
            if failed:
                raise TopicsError([f"création refusée, {reason}" for reason in failed])
        return [topic.name for topic in new]
    finally:
        await admin.close()


async def verify_topics(settings: ServiceSettings, names: Sequence[str] | None = None) -> None:
    """`TopicsError` unless topics `names` (all by default) exist as they are declared."""
    wanted = [TOPICS[name] for name in names or TOPICS]
    admin = AIOKafkaAdminClient(**client_options(settings))
    await admin.start()
    try:
        existing = set(await admin.list_topics())
        missing = [t for t in wanted if settings.topic(t.name) not in existing]
        if missing:
            raise TopicsError([f"sujet absent : {settings.topic(t.name)}" for t in missing])
        resources = [
            ConfigResource(ConfigResourceType.TOPIC, settings.topic(t.name)) for t in wanted
        ]
        found = _configs(await admin.describe_configs(resources))
    finally:
        await admin.close()
    reasons = [
        f"{settings.topic(topic.name)} : {key} vaut {actual}, attendu {value}"
        for topic in wanted
        for key, value in topic.config.items()
        if (actual := found.get(settings.topic(topic.name), {}).get(key)) != value
    ]
    if reasons:
        raise TopicsError(reasons)


async def wait_for_topics(settings: ServiceSettings) -> None:
    """A subscriber on a missing topic never returns (trap 21): verify first, within 20 s."""
    async with asyncio.timeout(20):
        await verify_topics(settings)


def _configs(answers: Sequence[object]) -> dict[str, dict[str, str]]:
    return {
        resource[3]: {entry[0]: entry[1] for entry in resource[4]}
        for answer in answers
        for resource in answer.resources  # type: ignore[attr-defined]
    }
