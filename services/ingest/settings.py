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

    declarations_max_bytes: int = Field(
        8 * 2**20, ge=1, description="Largest body of a batch of declarations"
    )
    declarations_max_count: int = Field(1_000, ge=1, description="Most declarations in one batch")
    upload_max_bytes: int = Field(
        4 * 2**30, ge=1, description="Largest archive of a delivery sent over HTTP"
    )

    @property
    def private_folder(self) -> Path:
        """Where files are unpacked while a load runs; mode 0700."""
        return self.home / "ingest"
