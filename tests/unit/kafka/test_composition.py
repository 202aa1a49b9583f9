"""A composed worker: what it is made of, and the names under which it takes its place."""

from pathlib import Path
from typing import Any

import pytest
from prometheus_client import generate_latest

from services.etp import app as etp
from services.etp.settings import EtpSettings
from services.modulation import app as modulation
from services.modulation.settings import ModulationSettings
from shared.database.pool import Database
from shared.database.retention import DEAD_LETTERS
from shared.database.shadow import Schemas
from shared.kafka import composition
from shared.kafka.composition import compose_worker, subscribe
from shared.kafka.projection import ServiceProjection
from shared.kafka.worker import Part
from shared.settings import ServiceSettings
from shared.telemetry.metrics import Metrics

PROJECTION: Any = object()


def checkpoint(_name: str) -> None:
    """A test's own."""


NOTIFY = ServiceProjection(
    Schemas("notify", "notify_projection"),
    "notify.projection",
    ["results-v1", "structures-v1"],
    PROJECTION,
)
"""A service that reads other topics than those of today."""


@pytest.fixture
def options(tmp_path: Path) -> dict[str, Any]:
    """Settings of servers that nothing asks."""
    return {"kafka_bootstrap": "localhost:9", "secrets": tmp_path, "slot": "7"}


@pytest.fixture
def database(options: dict[str, Any]) -> Database:
    return Database(ServiceSettings(**options), "notify", ("notify",), "cadran-notify-worker")


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A log that answers; what was asked of it, in order."""
    asked = []

    async def wait_for_topics(_settings: ServiceSettings) -> None:
        asked.append("topics")

    async def open_log(_settings: ServiceSettings) -> str:
        asked.append("log")
        return "the log"

    monkeypatch.setattr(composition, "wait_for_topics", wait_for_topics)
    monkeypatch.setattr(composition, "open_log", open_log)
    return asked


@pytest.mark.parametrize("prefix", ["", "essai-"])
@pytest.mark.parametrize("service", ["etp", "modulation"])
def test_a_service_reads_its_topics_under_its_own_names(
    options: dict[str, Any], service: str, prefix: str
) -> None:
    options["topic_prefix"] = prefix
    projected = (
        etp.projected(EtpSettings(**options))
        if service == "etp"
        else modulation.projected(ModulationSettings(**options))
    )
    assert projected.service == service
    assert projected.schemas == Schemas(service, f"{service}_projection")
    assert projected.group == f"{prefix}{service}.projection"
    assert projected.topics == [f"{prefix}declarations-v1", f"{prefix}structures-v1"]


async def test_a_projection_takes_the_place_of_its_slot_in_its_group(
    options: dict[str, Any], database: Database, log: list[str]
) -> None:
    metrics: Any = None
    keeper, subscription = await subscribe(
        ServiceSettings(**options), NOTIFY, database, metrics, checkpoint
    )
    assert log == ["topics", "log"]
    assert keeper._service == "notify"
    assert keeper._database is database
    slices: Any = keeper._slices
    assert (slices.group, slices.processor) == ("notify.projection", "notify.projection")
    assert (slices.projection, slices.log) == (PROJECTION, "the log")
    assert slices.checkpoint is checkpoint
    topics = [topic.name for topic in subscription._subscriber.topics]
    assert topics == ["results-v1", "structures-v1"]
    assert subscription._subscriber.group_id == "notify.projection"
    place = subscription._subscriber._connection_args["group_instance_id"]
    assert place == "notify.projection-7"


@pytest.mark.parametrize(
    ("projected", "reason"), [(NOTIFY, "démarrage en cours"), (None, "pas encore lu")]
)
def test_a_worker_waits_for_its_projection_if_it_has_one(
    options: dict[str, Any], database: Database, projected: ServiceProjection | None, reason: str
) -> None:
    settings = ServiceSettings(**options)
    worker = compose_worker(
        settings,
        "notify",
        database,
        kept=[DEAD_LETTERS],
        projected=projected,
        checkpoint=checkpoint,
    )
    assert worker._relay._checkpoint is checkpoint
    worker._relay.fault = "pas encore lu"
    assert worker._ready() == reason


def test_what_runs_beside_counts_in_the_metrics_of_the_process(
    options: dict[str, Any], database: Database
) -> None:
    async def dispatch() -> None:
        """Nothing to send."""

    def parts(metrics: Metrics) -> list[Part]:
        metrics.refusals.labels("notify", "inbox", "unknown").inc(3)
        return [dispatch]

    settings = ServiceSettings(**options)
    worker = compose_worker(settings, "notify", database, kept=[DEAD_LETTERS], parts=parts)
    told = generate_latest(worker._probe.registry).decode()
    assert 'cadran_refusals_total{code="unknown",door="inbox",service="notify"} 3.0' in told
    assert worker._others == [dispatch]
