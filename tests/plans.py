"""What a read costs, whatever the machine: the rows that its plan visits when run."""

import json
from collections.abc import Iterator
from typing import Any


async def nodes(connection: Any, statement: str, *arguments: Any) -> list[dict[str, Any]]:
    """The nodes of the plan of a statement, as run."""
    explained = f"EXPLAIN (ANALYZE, FORMAT json) {statement}"
    (root,) = json.loads(await connection.fetchval(explained, *arguments))
    return list(_nodes(root["Plan"]))


def _nodes(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for child in node.get("Plans", ()):
        yield from _nodes(child)


def visited(node: dict[str, Any]) -> int:
    """Rows that a node looked at, those that it gave and those that it removed."""
    removed = sum(rows for name, rows in node.items() if name.startswith("Rows Removed by"))
    return int((node["Actual Rows"] + removed) * node["Actual Loops"])


class Explained:
    """A connection whose reads are explained: they give no row, `visited` sums the rows that their
    plans visited."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection
        self.visited = 0

    async def fetch(self, statement: str, *arguments: Any) -> list[Any]:
        self.visited += sum(map(visited, await nodes(self._connection, statement, *arguments)))
        return []

    async def cursor(self, statement: str, *arguments: Any) -> "_Exhausted":
        await self.fetch(statement, *arguments)
        return _Exhausted()


class _Exhausted:
    async def fetch(self, _rows: int) -> list[Any]:
        return []
