"""Settings of `etp`: those of every service, and its own."""

from typing import Final

from shared.contracts.registry import DECLARATIONS, STRUCTURES
from shared.settings import ServiceSettings

SERVICE: Final = "etp"
SCHEMAS: Final = ("etp", "etp_projection")
PURPOSE: Final = "etp.projection"
TOPICS: Final = (DECLARATIONS, STRUCTURES)


class EtpSettings(ServiceSettings):
    """What `etp` is told from outside."""

    @property
    def group(self) -> str:
        """The consumer group of the projection; prefixed like the topics."""
        return self.topic(PURPOSE)
