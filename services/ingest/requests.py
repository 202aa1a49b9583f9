"""What is asked of a load, what it says on its way, and how it refuses."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


class LoadRefused(Exception):  # noqa: N818 - a decision, not a fault
    """The delivery is refused and nothing changed: a stable code, a reason in French."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


@dataclass(frozen=True, slots=True)
class LoadRequest:
    """What a person, or a door, asks for. `upload` is the upload that the load is of."""

    paths: Sequence[Path]
    source: str = "asp"
    allow_truncated: bool = False
    allow_older: bool = False
    accept_withdrawals: bool = False
    upload: str | None = None


class Progress:
    """Told how far a load is; the base class says nothing."""

    def reading(self, done: int, total: int) -> None:
        """Bytes read of the delivery's files."""

    def publishing(self, done: int, total: int) -> None:
        """Chunks committed."""

    def waiting(self, reason: str) -> None:
        """The load stands still, for this reason in French."""
