"""Which figures to read, and the snapshot that they are read in.

`as_of` is a revision (µs since 1970, UTC): what was known then.
"""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from shared.database.reads import LATEST, Record

_PREFETCH: Final = 2_000


@dataclass(frozen=True, slots=True)
class Selection:
    """Which figures to read: each field narrows, None does not. An empty set selects nothing.

    Departments and structures are those of the annexes in force.
    """

    as_of: int = LATEST
    year: int | None = None
    kind: str | None = None
    departments: frozenset[str] | None = None
    structures: frozenset[int] | None = None
    annexes: Sequence[int] | None = None


@dataclass(frozen=True, slots=True)
class Window:
    """A page: `limit` rows at most (None: all), after `offset` rows."""

    limit: int | None = None
    offset: int = 0


WHOLE: Final = Window()


class Query:
    """The arguments of a statement, `as_of` first, and the clauses that refer to them."""

    def __init__(self, as_of: int) -> None:
        self.arguments: list[Any] = [as_of]

    def bind(self, value: Any) -> str:
        """The place of one more argument."""
        self.arguments.append(value)
        return f"${len(self.arguments)}"

    def annexes(self, selection: Selection) -> str:
        """WHERE of annexes in force."""
        conditions = self._common(selection)
        if selection.year is not None:
            first = self.bind(12 * selection.year)
            conditions.append(f"last_month >= {first} AND first_month <= {first} + 11")
        return _where(conditions)

    def months(self, selection: Selection, *more: str) -> str:
        """WHERE of annex-months."""
        conditions = [*more, *self._common(selection)]
        if selection.year is not None:
            conditions.append(f"year = {self.bind(selection.year)}")
        return _where(conditions)

    def window(self, window: Window) -> str:
        """LIMIT and OFFSET."""
        if window.limit is None:
            return ""
        return f"LIMIT {self.bind(window.limit)} OFFSET {self.bind(window.offset)}"

    def _common(self, selection: Selection) -> list[str]:
        sets = {
            "department": selection.departments,
            "structure_id": selection.structures,
            "annex_id": selection.annexes,
        }
        conditions = [
            f"{column} = ANY({self.bind(sorted(members))})"
            for column, members in sets.items()
            if members is not None
        ]
        if selection.kind is not None:
            conditions.append(f"kind = {self.bind(selection.kind)}")
        return conditions


def _where(conditions: Sequence[str]) -> str:
    return f"WHERE {' AND '.join(conditions)}" if conditions else ""


async def stream(connection: Any, statement: str, query: Query) -> AsyncIterator[list[Record]]:
    """The rows of a statement as they come, in lists of 2,000 at most: memory stays flat."""
    cursor = await connection.cursor(statement, *query.arguments)
    while rows := await cursor.fetch(_PREFETCH):
        yield rows
