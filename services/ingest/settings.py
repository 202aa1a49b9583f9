"""Settings of `ingest`: those of every service, and its own."""

from pathlib import Path
from typing import Final

from pydantic import Field

from shared.settings import ServiceSettings

SERVICE: Final = "ingest"
SCHEMAS: Final = ("ingest",)


class IngestSettings(ServiceSettings):
    """What `ingest` is told from outside."""

    outbox_max_rows: int = Field(
        50_000, ge=1, description="Loads wait while more rows of the outbox are not sent"
    )
    outbox_max_age_seconds: float = Field(
        120, gt=0, description="Loads wait while the outbox's oldest row is older"
    )

    @property
    def private_folder(self) -> Path:
        """Where files are unpacked while a load runs; mode 0700."""
        return self.home / "ingest"
