"""Composition root of `ingest`: nothing is built at import."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI, Request
from prometheus_client import CollectorRegistry

from services.ingest.api import MODELS, router
from services.ingest.api.tokens import SecretChecks
from services.ingest.database import build_database
from services.ingest.retention import KEPT
from services.ingest.settings import SERVICE, IngestSettings
from services.ingest.worker import Uploads
from shared.auth.access import install_verifier
from shared.auth.keys import CLIENT_TOKENS, load_signing_key, load_verification_key
from shared.auth.routes import seal
from shared.database.retention import Purge
from shared.kafka.consumer import Checkpoint, no_checkpoint
from shared.kafka.relay import Relay
from shared.kafka.worker import Worker
from shared.telemetry.metrics import Metrics, build_metrics
from shared.web.app import create_web_app

POOL_SIZE = 8


def build_web(settings: IngestSettings, metrics: Metrics) -> FastAPI:
    """The doors of `ingest`; `MissingSecretError` when a secret is not there."""
    settings.secret("person-hash.key")

    def refused(door: str, code: str) -> None:
        metrics.refusals.labels(SERVICE, door, code).inc()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with await build_database(settings, "web").pool(POOL_SIZE) as pool:
            app.state.pool = pool
            app.state.secret_checks = SecretChecks()
            yield

    app = create_web_app(
        "Cadran · dépôts",
        "Les portes d'entrée des déclarations.",
        lifespan=lifespan,
        models=MODELS,
        on_refusal=lambda request, code: refused(_door(request), code),
    )
    app.state.settings = settings
    app.state.refused = refused
    app.state.client_signing_key = load_signing_key(settings.secrets, CLIENT_TOKENS)
    install_verifier(
        app,
        load_verification_key(settings.secrets),
        client_key=load_verification_key(settings.secrets, CLIENT_TOKENS),
    )
    app.include_router(router)
    return seal(app)


def _door(request: Request) -> str:
    """The door of a request: the first word of its route, `none` for an address that has none."""
    route = request.scope.get("route")
    path: str = route.path if route is not None else "none"
    return path.strip("/").removeprefix("v1/").partition("/")[0]


def build_worker(settings: IngestSettings, checkpoint: Checkpoint = no_checkpoint) -> Worker:
    """The relay, the purge and the loads of `ingest`."""
    settings.secret("person-hash.key")
    registry = CollectorRegistry()
    metrics = build_metrics(registry)
    database = build_database(settings, "worker")
    relay = Relay(settings, database, SERVICE, metrics, checkpoint=checkpoint)
    uploads = Uploads(settings, build_database(settings, "uploads"), metrics)
    purge = Purge(database, KEPT)
    return Worker(settings, SERVICE, registry, relay, purge, others=[uploads.run])
