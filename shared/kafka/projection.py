"""What a service tells the consumer: what an event does to its rows."""

from collections.abc import Collection, Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

from shared.database.dead_letters import Failure
from shared.database.shadow import Schemas
from shared.database.types import Connection
from shared.kafka.records import Event

RowKey = tuple[str, tuple[Any, ...]]
"""(table, key within it)."""


class Row(NamedTuple):
    """One row that an event asks for.

    A row is stale when its table already holds `key` at `revision` or above; where every revision
    is kept, the revision is part of the key.
    """

    table: str
    key: tuple[Any, ...]
    revision: int
    values: tuple[Any, ...]

    @property
    def identity(self) -> RowKey:
        """What tells this row from any other."""
        return (self.table, self.key)


class Projection(Protocol):
    """Rows that are a function of the log. Nothing here opens or ends a transaction."""

    @property
    def document_types(self) -> Collection[str]:
        """What this service uses; the rest of the registry is not for it."""

    def project(self, event: Event) -> Row | Failure:
        """The row of an event, pure; a `Failure` when the domain refuses it."""

    async def load(self, connection: Connection, rows: Sequence[Row]) -> dict[RowKey, int]:
        """The revision already held, for those of `rows` that are."""

    async def stage(self, connection: Connection, rows: Sequence[Row]) -> None:
        """COPY to temporary tables what is merged later, before the fence is taken."""

    async def write(self, connection: Connection, rows: Sequence[Row]) -> None:
        """Write the rows, behind the fence."""


class ComparedProjection(Projection, Protocol):
    """A projection that says what of it is a function of the log as it is now."""

    @property
    def compared(self) -> Mapping[str, str]:
        """Each table, with the condition on its rows that are compared."""


@dataclass(frozen=True, slots=True)
class ServiceProjection:
    """What a service projects of the log, live as in a rebuild; `topics` are physical names."""

    schemas: Schemas
    group: str
    topics: Sequence[str]
    projection: ComparedProjection

    @property
    def service(self) -> str:
        """Its name, which its role and its records' schema bear."""
        return self.schemas.records


def select_new(rows: Sequence[Row], known: Mapping[RowKey, int]) -> list[bool]:
    """For each row, in order: is it new? False is *stale*: that revision is already there."""
    held: MutableMapping[RowKey, int] = dict(known)
    new = []
    for row in rows:
        is_new = row.revision > held.get(row.identity, -1)
        if is_new:
            held[row.identity] = row.revision
        new.append(is_new)
    return new
