"""Rows of declared documents: each revision appended as declared, or the highest one merged.

What a projection built on this needs of its own is the row of each event.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from shared.contracts.envelope import Envelope
from shared.database.copy import copy_rows
from shared.database.documents import DocumentTable
from shared.database.types import Connection
from shared.kafka.projection import Row, RowKey


class RevisionStore:
    """The tables of a projection, and how their rows are found and written."""

    def __init__(self, tables: Mapping[str, DocumentTable]) -> None:
        self._tables = tables

    @property
    def compared(self) -> Mapping[str, str]:
        """Each table, with the condition on the rows that a rebuild finds again: of documents of
        which the highest revision alone is kept, Kafka forgets the tombstones."""
        return {
            name: "true" if shape.keeps_all else "NOT withdrawn"
            for name, shape in self._tables.items()
        }

    def declared(
        self, table: str, key: tuple[Any, ...], envelope: Envelope, values: tuple[Any, ...]
    ) -> Row:
        """The row of a declared revision; `values` follow the columns that every one bears."""
        return self._appended(table, key, envelope, values, withdrawn=False)

    def withdrawn(self, table: str, key: tuple[Any, ...], envelope: Envelope, *values: Any) -> Row:
        """The row of a withdrawn revision; columns not given are null."""
        return self._appended(table, key, envelope, values, withdrawn=True)

    async def load(self, connection: Connection, rows: Sequence[Row]) -> dict[RowKey, int]:
        """The revision already held of each row's key, one query a table."""
        known: dict[RowKey, int] = {}
        for table, asked in _by_table(rows).items():
            columns = zip(*(row.key for row in asked), strict=True)
            statement = _known(table, self._tables[table])
            found = await connection.fetch(statement, *(list(column) for column in columns))
            known.update({(table, tuple(row[:-1])): row[-1] for row in found})
        return known

    async def stage(self, connection: Connection, rows: Sequence[Row]) -> None:
        """What is merged goes to a temporary table first."""
        for table, new in _by_table(rows).items():
            if self._tables[table].keeps_all:
                continue
            await connection.execute(
                f"CREATE TEMPORARY TABLE {_staging(table)} (LIKE {table}) ON COMMIT DROP"
            )
            values = [row.values for row in _latest(new)]
            await copy_rows(connection, _staging(table), self._tables[table].columns, values)

    async def write(self, connection: Connection, rows: Sequence[Row]) -> None:
        """New revisions go by COPY straight into their tables: the fence protects them."""
        for table, new in _by_table(rows).items():
            if self._tables[table].keeps_all:
                values = [row.values for row in new]
                await copy_rows(connection, table, self._tables[table].columns, values)
            else:
                await connection.execute(_merge(table, self._tables[table]))

    def _appended(
        self,
        table: str,
        key: tuple[Any, ...],
        envelope: Envelope,
        values: tuple[Any, ...],
        *,
        withdrawn: bool,
    ) -> Row:
        revision = envelope.revision
        common = (envelope.source, revision, envelope.rank, withdrawn, envelope.time)
        given = (*key, *common, *values)
        missing = (None,) * (len(self._tables[table].columns) - len(given))
        return Row(table, (*key, envelope.source, revision), revision, (*given, *missing))


def _by_table(rows: Sequence[Row]) -> dict[str, list[Row]]:
    tables: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        tables[row.table].append(row)
    return tables


def _latest(rows: Sequence[Row]) -> list[Row]:
    """Of each key the highest revision: the rows come in growing revisions (`select_new`)."""
    return list({row.key: row for row in rows}.values())


def _staging(table: str) -> str:
    return f"{table}_staging"


def _known(table: str, shape: DocumentTable) -> str:
    key = ", ".join(shape.key)
    arrays = ", ".join(f"${place}::{of}[]" for place, of in enumerate(shape.types, start=1))
    return (
        f"SELECT {key}, revision FROM {table}"  # noqa: S608 - names of our own tables
        f" JOIN unnest({arrays}) AS asked ({key}) USING ({key})"
    )


def _merge(table: str, shape: DocumentTable) -> str:
    key = ", ".join(shape.key)
    others = [name for name in shape.columns if name not in shape.key]
    return (
        f"INSERT INTO {table} SELECT * FROM {_staging(table)}"  # noqa: S608 - names of our own tables
        f" ON CONFLICT ({key}) DO UPDATE SET "
        + ", ".join(f"{name} = excluded.{name}" for name in others)
        + f" WHERE excluded.revision > {table}.revision"
    )
