"""Who declares: the rank of a source, and what it gives the right to.

Rank 1 is the ASP's: it validates months and declares for every structure. Another source may not
validate (its months are provisional until rank 1's arrive) and declares only for the structures
that mandated it.
"""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Final

FIRST_RANK: Final = 1
EDITOR_RANK: Final = 2
"""Rank of the sources that an operator adds: editors and forms."""


@dataclass(frozen=True, slots=True)
class Source:
    """A source and the structures that mandated it."""

    name: str
    rank: int
    mandates: AbstractSet[int] = frozenset()

    @property
    def declares_for_all(self) -> bool:
        """Whether it needs no mandate."""
        return self.rank == FIRST_RANK

    def may_declare_for(self, structures: AbstractSet[int]) -> bool:
        """Whether it may declare for all of `structures`, which are not empty."""
        return self.declares_for_all or (bool(structures) and structures <= self.mandates)
