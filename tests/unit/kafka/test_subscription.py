"""The traps of the stack that a setting avoids: a subscription has these settings, and is the only
way to subscribe."""

import ast
from pathlib import Path
from typing import Any

import pytest
from faststream import AckPolicy

from shared.kafka.producer import build_producer
from shared.kafka.subscription import Subscription
from shared.settings import ServiceSettings

ROOT = Path(__file__).parents[3]
SOURCES = [
    path for folder in ("services", "shared", "cli") for path in (ROOT / folder).rglob("*.py")
]


@pytest.fixture
def settings(tmp_path: Path) -> ServiceSettings:
    return ServiceSettings(kafka_bootstrap="localhost:9", secrets=tmp_path, slot="7")


@pytest.fixture
def subscription(settings: ServiceSettings) -> Subscription:
    keeper: Any = None
    return Subscription(settings, keeper, ["declarations-v1"], "etp.projection")


def test_no_record_is_acknowledged_for_us(subscription: Subscription) -> None:
    (subscriber,) = subscription._broker.subscribers
    assert subscriber.ack_policy is AckPolicy.MANUAL
    assert subscription._subscriber._connection_args["enable_auto_commit"] is False


def test_membership_is_static_and_outlives_a_slice(subscription: Subscription) -> None:
    options = subscription._subscriber._connection_args
    assert options["group_instance_id"] == "etp.projection-7"
    assert options["session_timeout_ms"] == 45_000
    assert options["rebalance_timeout_ms"] == 60_000
    assert options["heartbeat_interval_ms"] == 3_000


def test_topics_are_not_created_by_a_subscriber(subscription: Subscription) -> None:
    assert subscription._broker.config.allow_auto_create_topics is False


def calls(name: str) -> list[str]:
    """The source files that call a function or method of this name."""
    found = []
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            called = node.func if isinstance(node, ast.Call) else None
            if name in {getattr(called, "attr", None), getattr(called, "id", None)}:
                found.append(path.relative_to(ROOT).as_posix())
    return found


def test_nobody_else_subscribes_or_produces() -> None:
    assert calls("KafkaBroker") == calls("subscriber") == ["shared/kafka/subscription.py"]
    assert calls("AIOKafkaProducer") == ["shared/kafka/producer.py"]
    assert calls("publish_batch") == []


async def test_the_producer_is_idempotent_and_without_transactions(
    settings: ServiceSettings,
) -> None:
    producer = build_producer(settings)
    assert producer._sender._acks == -1
    assert producer._txn_manager is not None
    assert producer._txn_manager.transactional_id is None
    await producer.stop()
