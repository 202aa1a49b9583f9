"""Settings of `ingest`: those of every service, and its own."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final

from pydantic import Field

from shared.settings import ServiceSettings

SERVICE: Final = "ingest"
SCHEMAS: Final = ("ingest",)


@dataclass(frozen=True, slots=True)
class SourceRights:
    """What a source may do: rank 1 counts before the others; only some may validate a month."""

    name: str
    rank: int
    may_validate: bool


SOURCES: Final[Mapping[str, SourceRights]] = MappingProxyType(
    {"asp": SourceRights("asp", rank=1, may_validate=True)}
)


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
