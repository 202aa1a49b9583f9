"""Settings of `modulation`: those of every service, and its own."""

from typing import Final

from shared.contracts.registry import DECLARATIONS, STRUCTURES
from shared.settings import ServiceSettings

SERVICE: Final = "modulation"
SCHEMAS: Final = ("modulation", "modulation_projection")
PURPOSE: Final = "modulation.projection"
TOPICS: Final = (DECLARATIONS, STRUCTURES)


class ModulationSettings(ServiceSettings):
    """What `modulation` is told from outside."""

    @property
    def group(self) -> str:
        """The consumer group of the projection; prefixed like the topics."""
        return self.topic(PURPOSE)
