"""`etp`'s way to PostgreSQL."""

from services.etp.settings import SCHEMAS, SERVICE, EtpSettings
from shared.database.pool import Database


def build_database(settings: EtpSettings, application: str) -> Database:
    """Connections of role `etp`; `application` names them among the service's own."""
    return Database(settings, SERVICE, SCHEMAS, f"cadran-etp-{application}")
