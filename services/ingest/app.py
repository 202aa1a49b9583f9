"""Composition root of `ingest`: nothing is built at import."""

from fastapi import FastAPI
from prometheus_client import CollectorRegistry

from services.ingest.database import build_database
from services.ingest.retention import KEPT
from services.ingest.settings import SERVICE, IngestSettings
from shared.auth.access import install_verifier
from shared.auth.keys import load_verification_key
from shared.auth.routes import seal
from shared.database.retention import Purge
from shared.kafka.consumer import Checkpoint, no_checkpoint
from shared.kafka.relay import Relay
from shared.kafka.worker import Worker
from shared.telemetry.metrics import build_metrics
from shared.web.app import create_web_app


def build_web(settings: IngestSettings) -> FastAPI:
    """The doors of `ingest`; `MissingSecretError` when a secret is not there."""
    app = create_web_app("Cadran · dépôts", "Les portes d'entrée des déclarations.")
    install_verifier(app, load_verification_key(settings.secrets))
    return seal(app)


def build_worker(settings: IngestSettings, checkpoint: Checkpoint = no_checkpoint) -> Worker:
    """The relay and the purge of `ingest`."""
    settings.secret("person-hash.key")
    registry = CollectorRegistry()
    metrics = build_metrics(registry)
    database = build_database(settings, "worker")
    relay = Relay(settings, database, SERVICE, metrics, checkpoint=checkpoint)
    return Worker(settings, SERVICE, registry, relay, Purge(database, KEPT))
