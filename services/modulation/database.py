"""`modulation`'s way to PostgreSQL."""

from services.modulation.settings import SCHEMAS, SERVICE, ModulationSettings
from shared.database.pool import Database


def build_database(settings: ModulationSettings, application: str) -> Database:
    """Connections of role `modulation`; `application` names them among the service's own."""
    return Database(settings, SERVICE, SCHEMAS, f"cadran-modulation-{application}")
