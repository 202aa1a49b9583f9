"""Kafka and PostgreSQL in containers, as docker-compose.yml describes them, for the tests."""

import gc
import time
import warnings
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import docker  # type: ignore[import-untyped]
import yaml
from docker.errors import DockerException  # type: ignore[import-untyped]
from testcontainers.core.container import DockerContainer

from deploy.local.ports import LOOPBACK, choose

COMPOSE = Path(__file__).parents[1] / "docker-compose.yml"
_PASSWORD = "essai"
_START_SECONDS = 90.0


class ContainerServers:
    """The servers of docker-compose.yml, each in a container of its own on a port that stays."""

    kafka_pid: int | None = None
    postgres_pid: int | None = None

    def __init__(self, cleanup: ExitStack) -> None:
        described = yaml.safe_load(COMPOSE.read_text("utf-8"))["services"]
        kafka_port, postgres_port = choose(), choose()
        self.kafka_bootstrap = f"{LOOPBACK}:{kafka_port}"
        self.admin_dsn = f"postgresql://postgres:{_PASSWORD}@{LOOPBACK}:{postgres_port}/cadran"
        listeners = f"PLAINTEXT://localhost:9092,HOST://{self.kafka_bootstrap}"
        self._kafka = _start_container(
            cleanup,
            described["kafka"],
            {"KAFKA_ADVERTISED_LISTENERS": listeners},
            {9094: kafka_port},
        )
        self._postgres = _start_container(
            cleanup,
            described["postgres"],
            {"POSTGRES_PASSWORD": _PASSWORD, "POSTGRES_PASSWORD_FILE": ""},
            {5432: postgres_port},
        )
        self._wait(self._kafka, "Kafka Server started", 1)
        self._wait(self._postgres, "database system is ready to accept connections", 2)

    def stop_kafka(self) -> None:
        self._kafka.stop()

    def kill_kafka(self) -> None:
        self._kafka.kill()

    def start_kafka(self) -> None:
        self._restart(self._kafka, "Kafka Server started")

    def stop_postgres(self) -> None:
        self._postgres.stop()

    def kill_postgres(self) -> None:
        self._postgres.kill()

    def start_postgres(self) -> None:
        self._restart(self._postgres, "database system is ready to accept connections")

    def _restart(self, container: Any, sign: str) -> None:
        before = _said(container, sign)
        container.start()
        self._wait(container, sign, before + 1)

    @staticmethod
    def _wait(container: Any, sign: str, times: int) -> None:
        limit = time.monotonic() + _START_SECONDS
        while _said(container, sign) < times:
            assert time.monotonic() < limit, container.logs().decode("utf-8", "replace")[-2000:]
            time.sleep(0.1)


def docker_answers() -> bool:
    """Is there a Docker engine that this account may use?"""
    with warnings.catch_warnings():
        # Without an engine, the client leaves its socket to the garbage collector.
        warnings.simplefilter("ignore", ResourceWarning)
        answers = _connects()
        gc.collect()
    return answers


def _connects() -> bool:
    try:
        docker.from_env(timeout=5).close()
    except DockerException:
        return False
    return True


def _start_container(
    cleanup: ExitStack, service: dict[str, Any], environment: dict[str, str], ports: dict[int, int]
) -> Any:
    container = DockerContainer(service["image"])
    for name, value in {**service["environment"], **environment}.items():
        container.with_env(name, value)
    for inside, outside in ports.items():
        container.with_bind_ports(inside, outside)
    if "command" in service:
        container.with_command(service["command"])
    container.start()
    cleanup.callback(container.stop)
    return container.get_wrapped_container()


def _said(container: Any, sign: str) -> int:
    return int(container.logs().decode("utf-8", "replace").count(sign))
