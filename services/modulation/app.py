"""Composition root of `modulation`: nothing is built at import."""

from fastapi import FastAPI

from services.modulation.api import router
from services.modulation.database import build_database
from services.modulation.exports.results import ResultsCache
from services.modulation.projection import ModulationProjection
from services.modulation.settings import SCHEMAS, SERVICE, TOPICS, ModulationSettings
from shared.auth.access import install_verifier
from shared.auth.keys import load_verification_key
from shared.auth.routes import seal
from shared.database.retention import ACCESS_LOG, DEAD_LETTERS
from shared.database.shadow import Schemas
from shared.kafka.composition import compose_worker
from shared.kafka.consumer import Checkpoint, no_checkpoint
from shared.kafka.projection import ServiceProjection
from shared.kafka.worker import Worker
from shared.web.app import create_web_app, pooled
from shared.web.dead_letters import dead_letter_router

POOL_SIZE = 4


def build_web(settings: ModulationSettings) -> FastAPI:
    """The read API of `modulation`; `MissingSecretError` when a secret is not there."""
    app = create_web_app(
        "Cadran · Modulation",
        "La part modulée de l'aide au poste : indicateurs, sorties, socle et répartition.",
        lifespan=pooled(build_database(settings, "web"), POOL_SIZE),
    )
    app.state.settings = settings
    app.state.results = ResultsCache()
    install_verifier(app, load_verification_key(settings.secrets))
    app.include_router(router)
    app.include_router(dead_letter_router(SERVICE))
    return seal(app)


def build_worker(settings: ModulationSettings, checkpoint: Checkpoint = no_checkpoint) -> Worker:
    """The projection, the relay and the purge of `modulation`."""
    return compose_worker(
        settings,
        SERVICE,
        build_database(settings, "worker"),
        kept=(DEAD_LETTERS, ACCESS_LOG),
        projected=projected(settings),
        checkpoint=checkpoint,
    )


def projected(settings: ModulationSettings) -> ServiceProjection:
    """What of the log its worker projects, and `cadran rebuild modulation` projects again."""
    topics = [settings.topic(name) for name in TOPICS]
    return ServiceProjection(Schemas(*SCHEMAS), settings.group, topics, ModulationProjection())
