"""A whole stack on one machine without Docker: brought up in order, taken down in reverse.

There is no supervisor: `up` starts what does not run, so it also mends a stack of which a
process was killed. `cadran.json` remembers every process from the moment it is started.
"""

import os
import signal
from collections.abc import Callable
from dataclasses import asdict
from functools import partial
from typing import Any

from deploy.local import kafka, postgres, services
from deploy.local.home import Home
from deploy.local.ports import LOOPBACK, choose
from deploy.local.processes import Process, stop, wait_ready
from deploy.local.services import SERVICES, Service

Say = Callable[[str], None]
Provision = Callable[[Home], None]

_READY_SECONDS, _STOP_SECONDS = 90.0, 35.0


def up(home: Home, provision: Provision, say: Say = lambda _text: None) -> None:
    """Start what does not run: secrets, PostgreSQL, Kafka, `provision`, workers, web.

    `provision` makes roles, schemas and topics, and changes nothing where they are. Returns
    when all is ready; `StackError` with the end of the log of what is not.
    """
    with home.locked():
        home.prepare()
        before = _addresses(home)
        start_postgres(home, say)
        start_kafka(home, say)
        if before != _addresses(home):
            # A service that still knows the former addresses would wait for ever.
            _stop_services(home, say)
        say("Rôles, schémas et sujets…")
        provision(home)
        _start_services(home, say)


def down(home: Home, say: Say = lambda _text: None, *, remove: bool = False) -> None:
    """Stop services, Kafka, PostgreSQL; `remove` then deletes what the stack put in the home."""
    if not home.path.is_dir():
        return
    with home.locked():
        if home.environment_file.exists():
            _stop_services(home, say)
            state = home.read()
            if (broker := process_of(state["kafka"])).alive:
                say("Arrêt de Kafka…")
                kafka.stop(broker)
            if (server := process_of(state["postgres"])).alive:
                say("Arrêt de PostgreSQL…")
                postgres.stop(server)
        if remove and (left := home.remove()):
            say(f"Laissés dans {home.path}, car d'une autre origine : {', '.join(left)}.")


def start_postgres(home: Home, say: Say = lambda _text: None) -> None:
    """Start PostgreSQL unless it runs, on its former port if that is free; wait for it."""
    former = home.read()["postgres"]
    if (running := process_of(former)).alive:
        postgres.wait(home, running)
        return
    say("PostgreSQL…")
    port = choose(_port(former["dsn"].rpartition("@")[2]), os.environ.get("CADRAN_POSTGRES_PORT"))

    def record(process: Process) -> None:
        home.update(postgres={"dsn": postgres.dsn(home, port), **asdict(process)})

    postgres.start(home, port, record)


def start_kafka(home: Home, say: Say = lambda _text: None) -> None:
    """Start Kafka unless it runs, on its former ports if they are free; wait for it."""
    entry = home.read()["kafka"]
    process = process_of(entry)
    if not process.alive:
        say("Kafka…")
        port = choose(_port(entry["bootstrap"]), os.environ.get("CADRAN_KAFKA_PORT"))
        controller = choose(entry.get("controller", 0))
        process, begins = kafka.start(home, port, controller)
        entry = {
            "bootstrap": f"{LOOPBACK}:{port}",
            "controller": controller,
            "log_begins": begins,
            **asdict(process),
        }
        home.update(kafka=entry)
    kafka.wait(home, process, entry["log_begins"])


def status(home: Home) -> list[dict[str, Any]]:
    """A row per process: name, pid, running, ready, reason (why it is not ready), probe."""
    state = home.read()
    broker, server = process_of(state["kafka"]), process_of(state["postgres"])
    begins = state["kafka"].get("log_begins", 0)
    rows = [
        _row("postgres", server, None, postgres.not_ready(home, server)),
        _row("kafka", broker, None, kafka.not_ready(home, broker, begins)),
    ]
    known = {entry["name"]: entry for entry in state["processes"]}
    for service in SERVICES:
        entry = known.get(service.name, {})
        process, probe = process_of(entry), entry.get("probe")
        reason = services.not_ready(probe) if process.alive and probe else "arrêté"
        rows.append(_row(service.name, process, probe, reason))
    return rows


def process_of(entry: dict[str, Any]) -> Process:
    """The process that an entry of `cadran.json` describes."""
    return Process(entry.get("pid", 0), entry.get("started", ""))


def _start_services(home: Home, say: Say) -> None:
    known = {entry["name"]: entry for entry in home.read()["processes"]}
    waited: list[tuple[Service, Process, str]] = []
    for service in SERVICES:
        entry = known.get(service.name, {})
        process = process_of(entry)
        if not process.alive:
            say(f"{service.name}…")
            wanted = os.environ.get("CADRAN_PORT") if service.is_web else None
            port = choose(_port(entry.get("probe", "")), wanted)
            process = services.start(home, service, port)
            entry = {"name": service.name, "probe": f"http://{LOOPBACK}:{port}", **asdict(process)}
            known[service.name] = entry
            home.update(processes=list(known.values()))
            if service.is_web:
                home.update(url=entry["probe"])
        waited.append((service, process, entry["probe"]))
    for service, process, probe in waited:
        wait_ready(
            service.name,
            process,
            partial(services.not_ready, probe),
            seconds=_READY_SECONDS,
            logs=[home.logs / f"{service.name}.jsonl", home.logs / f"{service.name}.out"],
        )


def _stop_services(home: Home, say: Say) -> None:
    running = [
        (entry["name"], process)
        for entry in home.read()["processes"]
        if (process := process_of(entry)).alive
    ]
    for _name, process in running:
        process.send(signal.SIGTERM)
    for name, process in running:
        say(f"Arrêt de {name}…")
        if stop(process, _STOP_SECONDS):
            say(f"{name} ne s'arrêtait pas : il a été tué.")


def _addresses(home: Home) -> tuple[str, str]:
    state = home.read()
    return state["kafka"]["bootstrap"], state["postgres"]["dsn"]


def _port(address: str) -> int:
    """The port in `host:port`, `http://host:port` or `host:port/database`; 0 when there is none."""
    text = address.partition("://")[2] or address
    port = text.partition("/")[0].rpartition(":")[2]
    return int(port) if port.isdecimal() else 0


def _row(name: str, process: Process, probe: str | None, reason: str | None) -> dict[str, Any]:
    running = process.alive
    return {
        "name": name,
        "pid": process.pid if running else None,
        "running": running,
        "ready": running and reason is None,
        "reason": reason,
        "probe": probe,
    }
