"""What every process of Cadran is told from outside, read from `CADRAN_*` variables."""

from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

PARIS = ZoneInfo("Europe/Paris")


class MissingSecretError(RuntimeError):
    """A secret file that a process needs is not there: the process does not start."""


class ServiceSettings(BaseSettings):
    """Settings shared by all services; a service's own class extends it."""

    model_config = SettingsConfigDict(env_prefix="CADRAN_", extra="ignore", frozen=True)

    kafka_bootstrap: str = Field(description="Kafka's bootstrap servers, host:port[,host:port…]")
    kafka_security_protocol: str = "PLAINTEXT"
    kafka_sasl_mechanism: str = "PLAIN"
    kafka_sasl_username: str = ""
    kafka_ca_file: Path | None = None
    kafka_session_ms: int = Field(45_000, ge=1_000, description="Group session timeout")
    topic_prefix: str = Field("", description="Put before every topic name; one per test module")
    topic_partitions: int = Field(12, ge=1, description="Partitions of a topic when created")
    topic_replication: int = Field(1, ge=1)
    postgres_host: str = "127.0.0.1"
    postgres_port: int = 5432
    postgres_database: str = "cadran"
    home: Path = Field(Path("var"), description="Folder of the stack's private files")
    secrets: Path = Field(description="Folder of secret files, one secret a file, mode 0600")
    today: date | None = Field(None, description="Business date (Paris); the clock's if unset")
    slot: str = Field("0", description="Stable name of this replica: Kafka's static membership")
    probe_port: int = Field(0, ge=0, description="Port of /livez /readyz /metrics; 0: a free one")
    log_level: str = "INFO"
    log_file: Path | None = Field(None, description="JSON lines go there; stderr when unset")

    def secret(self, name: str) -> str:
        """The content of secret file `name`; `MissingSecretError` when it is not there."""
        path = self.secrets / name
        if not path.is_file():
            raise MissingSecretError(f"secret absent : {path}")
        return path.read_text().strip()

    def business_date(self, as_of: datetime | None = None) -> date:
        """The civil date in Paris, today or at a past instant; the one set from outside wins."""
        instant = datetime.now(PARIS) if as_of is None else as_of.astimezone(PARIS)
        return self.today or instant.date()

    def topic(self, name: str) -> str:
        """The physical name of topic `name`."""
        return f"{self.topic_prefix}{name}"
