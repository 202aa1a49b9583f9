"""The instant of `as_of`: what was known then.

An instant is known by what `ingest` had accepted at it, projected since or not: revisions and
instants are one axis (`shared.contracts.ids`).
"""

import re
from datetime import UTC, datetime
from typing import Final

REFUSALS: Final = {
    "instant_unreadable": (
        "unreadable-instant",
        "Un instant ISO 8601 est attendu (2026-11-10T00:00:00Z ; dans une adresse, + s'écrit %2B).",
    ),
    "instant_in_the_future": (
        "future-instant",
        "Cet instant n'est pas encore passé : on ne sait que ce qui est déjà reçu.",
    ),
}
"""By kind of refusal: a stable code, and why in French."""

# Python's own reading ends at a NUL, whatever follows.
_CHARACTERS = re.compile(r"[0-9TWZ:., +-]+")


class AsOfError(Exception):
    """An instant that cannot be asked about; `kind` is a key of `REFUSALS`."""

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self.kind = kind
        self.code, self.message = REFUSALS[kind]


def read_as_of(text: str, now: datetime) -> datetime:
    """The instant that `text` writes, in UTC, as it is read without an offset; `AsOfError` when it
    is unreadable, or later than `now`."""
    if not _CHARACTERS.fullmatch(text):
        raise AsOfError("instant_unreadable")
    try:
        instant = datetime.fromisoformat(text)
        known = (instant if instant.tzinfo else instant.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise AsOfError("instant_unreadable") from None
    if known > now:
        raise AsOfError("instant_in_the_future")
    return known
