"""`cadran migrate` and `cadran topics`: roles, schemas and topics, created where they lack."""

import asyncio
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import typer

from cli import context
from deploy.local.home import Home
from services.etp import settings as etp
from services.ingest import settings as ingest
from services.modulation import settings as modulation
from shared.kafka.topics import TopicsError, create_topics, verify_topics
from shared.settings import ServiceSettings

_SERVICES: Final = Path(__file__).parents[1] / "services"
SCHEMAS: Final = {service.SERVICE: service.SCHEMAS for service in (ingest, etp, modulation)}


def provision(settings: ServiceSettings, administrator: str) -> None:
    """Roles, schemas, tables, topics; changes nothing where they are."""
    migrate_all(settings, administrator)
    asyncio.run(create_topics(settings))


def migrate_all(settings: ServiceSettings, administrator: str) -> None:
    """Every service's role and schemas, brought to the head of their migrations."""
    from shared.database.migrate import ensure_role

    for service, schemas in SCHEMAS.items():
        asyncio.run(ensure_role(administrator, settings, service, schemas))
        migrate_schemas(settings, service, schemas)


def migrate_schemas(settings: ServiceSettings, service: str, schemas: Sequence[str]) -> None:
    """Bring schemas of a service, its own or those of a rebuild, to the head of its migrations."""
    from shared.database.migrate import migrate

    migrate(settings, service, schemas, _SERVICES / service / "migrations")


def register(app: typer.Typer) -> None:
    """Add the commands to `app`."""
    topics = typer.Typer(no_args_is_help=True, help="Les sujets Kafka, déclarés dans le code.")
    app.add_typer(topics, name="topics")

    @app.command("migrate")
    def migrate_command() -> None:
        """Crée les rôles et met les schémas de chaque service à jour."""
        settings = context.settings(ServiceSettings)
        with context.lacking():
            migrate_all(settings, admin_dsn())
        context.say("Schémas à jour.")

    @topics.command("create")
    def create() -> None:
        """Crée les sujets qui manquent."""
        created = context.run(create_topics(context.settings(ServiceSettings)))
        context.say(f"Sujets créés : {', '.join(created)}" if created else "Rien à créer.")

    @topics.command("verify")
    def verify() -> None:
        """Vérifie que chaque sujet existe avec ses réglages ; sort avec 1 sinon."""
        try:
            context.run(verify_topics(context.settings(ServiceSettings)))
        except TopicsError as error:
            for reason in error.reasons:
                context.say(reason)
            raise typer.Exit(context.FAULT) from error
        context.say("Tous les sujets sont conformes.")


def admin_dsn() -> str:
    """How PostgreSQL's administrator connects to this stack; exits with 3 when nothing says it."""
    home = Home.at()
    if home.environment_file.is_file():
        return str(home.read()["postgres"]["dsn"])
    dsn = os.environ.get("CADRAN_POSTGRES_ADMIN_DSN")
    if not dsn:
        context.fail("CADRAN_POSTGRES_ADMIN_DSN n'est pas réglé", context.MISSING)
    return dsn
