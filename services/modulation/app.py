"""Composition root of `modulation`: nothing is built at import."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

from fastapi import FastAPI
from prometheus_client import CollectorRegistry

from services.modulation.api import router
from services.modulation.database import build_database
from services.modulation.exports.results import ResultsCache
from services.modulation.settings import SERVICE, ModulationSettings
from services.modulation.worker import build_subscription
from shared.auth.access import install_verifier
from shared.auth.keys import load_verification_key
from shared.auth.routes import seal
from shared.database.retention import ACCESS_LOG, DEAD_LETTERS, Purge
from shared.kafka.consumer import Checkpoint, no_checkpoint
from shared.kafka.relay import Relay
from shared.kafka.worker import Consuming, Worker
from shared.telemetry.metrics import build_metrics
from shared.web.app import create_web_app
from shared.web.dead_letters import dead_letter_router

POOL_SIZE = 4


def build_web(settings: ModulationSettings) -> FastAPI:
    """The read API of `modulation`; `MissingSecretError` when a secret is not there."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        app.state.settings = settings
        app.state.results = ResultsCache()
        async with await build_database(settings, "web").pool(POOL_SIZE) as pool:
            app.state.pool = pool
            yield

    app = create_web_app(
        "Cadran · Modulation",
        "La part modulée de l'aide au poste : indicateurs, sorties, socle et répartition.",
        lifespan=lifespan,
    )
    install_verifier(app, load_verification_key(settings.secrets))
    app.include_router(router)
    app.include_router(dead_letter_router(SERVICE))
    return seal(app)


def build_worker(settings: ModulationSettings, checkpoint: Checkpoint = no_checkpoint) -> Worker:
    """The projection, the relay and the purge of `modulation`."""
    registry = CollectorRegistry()
    metrics = build_metrics(registry)
    database = build_database(settings, "worker")
    relay = Relay(settings, database, SERVICE, metrics, checkpoint=checkpoint)
    purge = Purge(database, (DEAD_LETTERS, ACCESS_LOG))
    build = partial(build_subscription, settings, database, metrics, checkpoint)
    consuming = Consuming(SERVICE, metrics, build)
    return Worker(settings, SERVICE, registry, relay, purge, consuming=consuming)
