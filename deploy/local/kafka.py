"""One Apache Kafka broker of a stack: KRaft, one node, loopback, from Kafka's own jars."""

import base64
import os
import shutil
import subprocess
import uuid
from functools import partial
from pathlib import Path

from deploy.local.errors import MissingOnMachineError, StackError
from deploy.local.home import Home
from deploy.local.ports import LOOPBACK
from deploy.local.processes import Process, launch, wait_ready
from deploy.local.processes import stop as stop_process

JARS = Path(__file__).parents[2] / ".setup" / "kafka"
"""Where `make setup` puts Kafka's jars."""

_LOGGING = Path(__file__).with_name("log4j2.xml")
_READY_SECONDS, _STOP_SECONDS = 90.0, 30.0
_STARTED = b"Kafka Server started"
_LARGEST_RECORD_BYTES = 16 * 1024 * 1024
_SETTINGS = """\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@{host}:{controller}
controller.listener.names=CONTROLLER
listeners=PLAINTEXT://{host}:{port},CONTROLLER://{host}:{controller}
advertised.listeners=PLAINTEXT://{host}:{port}
inter.broker.listener.name=PLAINTEXT
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
log.dirs={data}
auto.create.topics.enable=false
message.max.bytes={largest}
replica.fetch.max.bytes={largest}
default.replication.factor=1
min.insync.replicas=1
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
log.cleaner.dedupe.buffer.size=4194304
broker.session.timeout.ms=2000
broker.heartbeat.interval.ms=500
"""


def start(home: Home, port: int, controller: int) -> tuple[Process, int]:
    """Start the broker on its data (formatted the first time), whatever the ports were.

    Returns it and where its log begins, which `not_ready` reads. `MissingOnMachineError`
    without jars or Java.
    """
    settings, data = home.kafka / "server.properties", home.kafka / "data"
    settings.write_text(
        _SETTINGS.format(
            host=LOOPBACK,
            port=port,
            controller=controller,
            data=data,
            largest=_LARGEST_RECORD_BYTES,
        )
    )
    log = _log(home)
    if not (data / "meta.properties").exists():
        _format(log, settings, home.kafka)
    begins = log.stat().st_size if log.exists() else 0
    argv = _java(log, "-Xmx320m", "kafka.Kafka", str(settings))
    out = home.logs / "kafka.out"
    return launch(argv, env=_environment(), log=out, folder=home.kafka), begins


def wait(home: Home, process: Process, begins: int) -> None:
    """Wait until that broker says that it is up: its port opens too early."""
    logs = [_log(home), home.logs / "kafka.out"]
    check = partial(not_ready, home, process, begins)
    wait_ready("Kafka", process, check, seconds=_READY_SECONDS, logs=logs)


def not_ready(home: Home, process: Process, begins: int) -> str | None:
    """Why the broker serves nobody, or None: what its log says from byte `begins` on."""
    if not process.alive:
        return "arrêté"
    try:
        with _log(home).open("rb") as lines:
            lines.seek(begins)
            return None if any(_STARTED in line for line in lines) else "démarre"
    except FileNotFoundError:
        return "démarre"


def stop(process: Process) -> None:
    """End the broker: its logs are flushed and closed first."""
    stop_process(process, _STOP_SECONDS)


def _format(log: Path, settings: Path, folder: Path) -> None:
    """Write the cluster's id and first metadata."""
    cluster = base64.urlsafe_b64encode(uuid.uuid4().bytes).rstrip(b"=").decode()
    options = ["format", f"--cluster-id={cluster}", f"--config={settings}"]
    done = subprocess.run(
        _java(log, "-Xmx64m", "kafka.tools.StorageTool", *options),
        env=_environment(),
        cwd=folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise StackError(f"Kafka n'a pas pu préparer ses données : {done.stderr.strip()[-600:]}")


def _java(log: Path, heap: str, *arguments: str) -> list[str]:
    home = os.environ.get("JAVA_HOME")
    java = str(Path(home, "bin", "java")) if home else shutil.which("java")
    if java is None or not Path(java).exists():
        raise MissingOnMachineError("Java 17 ou plus récent est absent : lancez « make setup »")
    if not any(JARS.glob("kafka_*.jar")):
        raise MissingOnMachineError(f"Kafka n'est pas dans {JARS} : lancez « make setup »")
    flags = ["-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Djava.awt.headless=true"]
    logging = [f"-Dlog4j2.configurationFile={_LOGGING.as_uri()}", f"-Dcadran.log={log}"]
    return [java, heap, *flags, *logging, "-cp", f"{JARS}/*", *arguments]


def _log(home: Home) -> Path:
    return home.logs / "kafka.jsonl"


def _environment() -> dict[str, str]:
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C.UTF-8", "TZ": "UTC"}
