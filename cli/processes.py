"""The processes of a stack, composed from the services' own roots.

A worker imports its own service alone: it starts in half the time, and holds nothing else.
"""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import uvloop
from fastapi import FastAPI
from prometheus_client import CollectorRegistry

from cli import context
from deploy.local.home import make_secrets
from services.etp.settings import EtpSettings
from services.ingest.settings import IngestSettings
from services.modulation.settings import ModulationSettings
from shared.auth.routes import seal
from shared.kafka.worker import FencedInstanceError, Worker
from shared.settings import MissingSecretError, ServiceSettings
from shared.telemetry.logging import configure_logging
from shared.telemetry.metrics import Metrics, build_metrics
from shared.web.app import database_not_ready
from shared.web.probes import Probe, mount_probes
from shared.web.problems import install_problems
from shared.web.server import run as run_web


def serve_web(port: int, host: str) -> None:
    """Serve the routes of all services until a signal."""
    settings = context.settings(ServiceSettings)
    configure_logging("web", settings.log_level, settings.log_file)
    registry = CollectorRegistry()
    try:
        apps = _apps(context.settings, build_metrics(registry))
    except MissingSecretError as error:
        context.fail(str(error), context.MISSING)
    run_web(_root(apps, registry), port, host)


def serve_worker(service: str) -> None:
    """Consume, project and publish for one service until a signal."""
    settings = context.settings(ServiceSettings)
    configure_logging(f"{service}-worker", settings.log_level, settings.log_file)
    try:
        uvloop.run(_worker(service).run())
    except FencedInstanceError:
        context.fail(
            f"la place {settings.slot} du service {service} a été prise par un autre processus :"
            " une seule place par processus (CADRAN_SLOT)",
            context.FAULT,
        )


def described_apps() -> Mapping[str, FastAPI]:
    """The web apps by mount path, built on throwaway keys: what describes them needs no stack."""
    with TemporaryDirectory() as folder:
        secrets = Path(folder)
        make_secrets(secrets)
        options = {"kafka_bootstrap": "localhost:9092", "secrets": secrets}
        return _apps(lambda kind: kind.model_validate(options), build_metrics(CollectorRegistry()))


def _apps(settings: Callable[[type[Any]], Any], metrics: Metrics) -> Mapping[str, FastAPI]:
    """The web apps by mount path; `settings` gives those of a kind."""
    from services.etp import app as etp
    from services.ingest import app as ingest
    from services.modulation import app as modulation

    return {
        "ingest": ingest.build_web(settings(IngestSettings), metrics),
        "etp": etp.build_web(settings(EtpSettings)),
        "modulation": modulation.build_web(settings(ModulationSettings)),
    }


def _root(apps: Mapping[str, FastAPI], registry: CollectorRegistry) -> FastAPI:
    """All services' apps behind one origin; their lifespans run within this one's."""

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            for app in apps.values():
                await stack.enter_async_context(app.router.lifespan_context(app))
            yield

    root = FastAPI(openapi_url=None, lifespan=lifespan)
    install_problems(root)
    for name, app in apps.items():
        root.mount(f"/{name}", app)

    async def ready() -> str | None:
        faults = [await database_not_ready(apps[name]) for name in apps]
        return next((fault for fault in faults if fault), None)

    mount_probes(root, Probe(lambda: None, ready, registry))
    return seal(root)


def _worker(service: str) -> Worker:
    try:
        if service == "ingest":
            from services.ingest import app as ingest

            return ingest.build_worker(context.settings(IngestSettings))
        if service == "etp":
            from services.etp import app as etp

            return etp.build_worker(context.settings(EtpSettings))
        if service == "modulation":
            from services.modulation import app as modulation

            return modulation.build_worker(context.settings(ModulationSettings))
    except MissingSecretError as error:
        context.fail(str(error), context.MISSING)
    context.fail(f"service inconnu : {service}", context.REFUSED)
