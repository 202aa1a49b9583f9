"""The real Kafka and PostgreSQL that tests run against, in containers or from the local stack.

In containers where a Docker engine answers, as docker-compose.yml describes them; else the
local stack in a temporary folder. Both keep their addresses when stopped, killed and started.
"""

import shutil
import signal
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Protocol

from deploy.local import kafka, postgres, stack
from deploy.local.home import Home
from deploy.local.processes import Process, stop
from tests.container_servers import ContainerServers, docker_answers


class Servers(Protocol):
    """A broker and a database, with the accidents that fault tests need.

    `start_*` return when the server serves again, at the same address.
    """

    @property
    def kafka_bootstrap(self) -> str:
        """Kafka's address, host:port."""

    @property
    def admin_dsn(self) -> str:
        """The address of database `cadran` for PostgreSQL's administrator."""

    @property
    def kafka_pid(self) -> int | None:
        """The broker's process; None in a container."""

    @property
    def postgres_pid(self) -> int | None:
        """The database server's process; None in a container."""

    def stop_kafka(self) -> None: ...
    def kill_kafka(self) -> None: ...
    def start_kafka(self) -> None: ...
    def stop_postgres(self) -> None: ...
    def kill_postgres(self) -> None: ...
    def start_postgres(self) -> None: ...


class LocalServers:
    """The servers of the local stack in one home."""

    def __init__(self, home: Home) -> None:
        self._home = home

    @property
    def kafka_bootstrap(self) -> str:
        return str(self._home.read()["kafka"]["bootstrap"])

    @property
    def admin_dsn(self) -> str:
        return str(self._home.read()["postgres"]["dsn"])

    @property
    def kafka_pid(self) -> int | None:
        return self._process("kafka").pid

    @property
    def postgres_pid(self) -> int | None:
        return self._process("postgres").pid

    def stop_kafka(self) -> None:
        kafka.stop(self._process("kafka"))

    def kill_kafka(self) -> None:
        kill(self._process("kafka"))

    def start_kafka(self) -> None:
        address = self.kafka_bootstrap
        stack.start_kafka(self._home)
        assert self.kafka_bootstrap == address

    def stop_postgres(self) -> None:
        postgres.stop(self._process("postgres"))

    def kill_postgres(self) -> None:
        kill(self._process("postgres"))

    def start_postgres(self) -> None:
        address = self.admin_dsn
        stack.start_postgres(self._home)
        assert self.admin_dsn == address

    def _process(self, name: str) -> Process:
        return stack.process_of(self._home.read()[name])


def kill(process: Process) -> None:
    """`kill -9`, and wait for the end."""
    stop(process, 10, signal.SIGKILL)


@contextmanager
def start_servers() -> Iterator[Servers]:
    """Kafka and PostgreSQL for as long as the block lasts."""
    with ExitStack() as cleanup:
        if docker_answers():
            yield ContainerServers(cleanup)
            return
        home = Home(Path(tempfile.mkdtemp(prefix="cadran-tests-")).resolve())
        cleanup.callback(shutil.rmtree, home.path, ignore_errors=True)
        cleanup.callback(stack.down, home, remove=True)
        home.prepare()
        stack.start_postgres(home)
        stack.start_kafka(home)
        yield LocalServers(home)
