"""`ingest`'s way to PostgreSQL."""

from services.ingest.settings import SCHEMAS, SERVICE, IngestSettings
from shared.database.pool import Database


def build_database(settings: IngestSettings, application: str) -> Database:
    """Connections of role `ingest`; `application` names them among the service's own."""
    return Database(settings, SERVICE, SCHEMAS, f"cadran-ingest-{application}")
