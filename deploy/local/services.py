"""The services' processes of a local stack: how each is started, and asked if it is ready."""

import http.client
import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from deploy.local.home import Home
from deploy.local.processes import Process, launch

_PROJECT = Path(__file__).parents[2]
_PROBE_SECONDS = 5.0
_SLOT = "0"


@dataclass(frozen=True, slots=True)
class Service:
    """A process by its name and what `cadran` is asked to run in it."""

    name: str
    command: tuple[str, ...]
    is_web: bool = False


SERVICES = (
    Service("ingest-worker", ("serve", "worker", "ingest")),
    Service("etp-worker", ("serve", "worker", "etp")),
    Service("modulation-worker", ("serve", "worker", "modulation")),
    Service("web", ("serve", "web"), is_web=True),
)


def start(home: Home, service: Service, port: int) -> Process:
    """Start one process; `port` serves its probes, and for the web its pages too."""
    argv = [sys.executable, "-m", "cli.main", *service.command]
    if service.is_web:
        argv += ["--port", str(port)]
    return launch(
        argv,
        env={
            **os.environ,
            **home.environment(),
            "CADRAN_SLOT": _SLOT,
            "CADRAN_PROBE_PORT": str(port),
            "CADRAN_LOG_FILE": str(home.logs / f"{service.name}.jsonl"),
        },
        log=home.logs / f"{service.name}.out",
        folder=_PROJECT,
    )


def not_ready(probe: str) -> str | None:
    """None when `probe`'s `/readyz` answers 200, else the reason that it gives."""
    address = urlsplit(probe)
    connection = http.client.HTTPConnection(
        address.hostname or "", address.port, timeout=_PROBE_SECONDS
    )
    try:
        connection.request("GET", "/readyz")
        answer = connection.getresponse()
        return None if answer.status == http.client.OK else _detail(answer.read())
    except (OSError, http.client.HTTPException) as error:
        return f"ne répond pas ({type(error).__name__})"
    finally:
        connection.close()


def _detail(body: bytes) -> str:
    try:
        return str(json.loads(body)["detail"])
    except (ValueError, KeyError, TypeError):
        return "pas prêt"
