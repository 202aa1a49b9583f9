"""Composition root of `etp`: nothing is built at import."""

from fastapi import FastAPI

from services.etp.api import router
from services.etp.database import build_database
from services.etp.projection import EtpProjection
from services.etp.settings import SCHEMAS, SERVICE, TOPICS, EtpSettings
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


def build_web(settings: EtpSettings) -> FastAPI:
    """The read API of `etp`; `MissingSecretError` when a secret is not there."""
    app = create_web_app(
        "Cadran · ETP",
        "La consommation des annexes financières, en équivalents temps plein.",
        lifespan=pooled(build_database(settings, "web"), POOL_SIZE),
    )
    app.state.settings = settings
    install_verifier(app, load_verification_key(settings.secrets))
    app.include_router(router)
    app.include_router(dead_letter_router(SERVICE))
    return seal(app)


def build_worker(settings: EtpSettings, checkpoint: Checkpoint = no_checkpoint) -> Worker:
    """The projection, the relay and the purge of `etp`."""
    return compose_worker(
        settings,
        SERVICE,
        build_database(settings, "worker"),
        kept=(DEAD_LETTERS, ACCESS_LOG),
        projected=projected(settings),
        checkpoint=checkpoint,
    )


def projected(settings: EtpSettings) -> ServiceProjection:
    """What of the log its worker projects, and `cadran rebuild etp` projects again."""
    topics = [settings.topic(name) for name in TOPICS]
    return ServiceProjection(Schemas(*SCHEMAS), settings.group, topics, EtpProjection())
