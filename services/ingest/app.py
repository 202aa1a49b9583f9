"""Composition root of `ingest`: nothing is built at import."""

from fastapi import FastAPI, Request

from services.ingest.api import MODELS, router
from services.ingest.api.tokens import SecretChecks
from services.ingest.database import build_database
from services.ingest.retention import KEPT
from services.ingest.settings import SERVICE, IngestSettings
from services.ingest.worker import Uploads
from shared.auth.access import install_verifier
from shared.auth.keys import CLIENT_TOKENS, load_signing_key, load_verification_key
from shared.auth.routes import seal
from shared.kafka.composition import compose_worker
from shared.kafka.consumer import Checkpoint, no_checkpoint
from shared.kafka.worker import Worker
from shared.telemetry.metrics import Metrics
from shared.web.app import create_web_app, pooled

POOL_SIZE = 8


def build_web(settings: IngestSettings, metrics: Metrics) -> FastAPI:
    """The doors of `ingest`; `MissingSecretError` when a secret is not there."""
    settings.secret("person-hash.key")

    def refused(door: str, code: str) -> None:
        metrics.refusals.labels(SERVICE, door, code).inc()

    app = create_web_app(
        "Cadran · dépôts",
        "Les portes d'entrée des déclarations.",
        lifespan=pooled(build_database(settings, "web"), POOL_SIZE),
        models=MODELS,
        on_refusal=lambda request, code: refused(_door(request), code),
    )
    app.state.settings = settings
    app.state.refused = refused
    app.state.secret_checks = SecretChecks()
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
    return compose_worker(
        settings,
        SERVICE,
        build_database(settings, "worker"),
        kept=KEPT,
        parts=lambda metrics: [Uploads(settings, build_database(settings, "uploads"), metrics).run],
        checkpoint=checkpoint,
    )
