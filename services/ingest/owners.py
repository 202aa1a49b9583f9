"""Which structures a declaration concerns: those that must have mandated whoever declares it."""

from collections.abc import Iterable

from services.ingest.domain.declarations import Declaration
from services.ingest.domain.keys import OF_ANNEXES
from shared.contracts.registry import DocumentType
from shared.database.types import Connection

_OF_CONTRACTS = (DocumentType.EMPLOYMENT, DocumentType.EXIT)
_KEPT_BY_ID = (DocumentType.FINANCIAL_ANNEX, *_OF_CONTRACTS)


class Owners:
    """What is known of the annexes, amendments and contracts that a batch names, whoever declared
    them; of several sources the best rank tells."""

    def __init__(
        self, annexes: dict[int, int], parents: dict[tuple[DocumentType, int], int]
    ) -> None:
        self._annexes = annexes
        self._parents = parents

    @classmethod
    async def read(cls, connection: Connection, declarations: Iterable[Declaration]) -> "Owners":
        """What is known of what `declarations` name."""
        named = list(declarations)
        ids = {(kind, d.key[0]) for d in named for kind in _kinds_of_id(d.type)}
        parents = await _parents(connection, ids) if ids else {}
        annexes = {d.data.annex_id for d in named if d.type in OF_ANNEXES}
        annexes |= {
            parent for (kind, _), parent in parents.items() if kind is DocumentType.FINANCIAL_ANNEX
        }
        return cls(await _annex_owners(connection, annexes), parents)

    def keyed_by(self, declaration: Declaration) -> int | None:
        """The structure that keys the declaration's events; None for a month of an annex that
        nobody declared."""
        if declaration.type is DocumentType.MONTHLY_STATE:
            return self._annexes.get(declaration.data.annex_id)
        structure: int = declaration.data.structure_id
        return structure

    def concerned(self, declaration: Declaration) -> frozenset[int]:
        """The structures that a declaration names and those that already own what it names; none
        when nobody declared it."""
        data = declaration.data
        found = {getattr(data, "structure_id", None)}
        identifier = declaration.key[0]
        parents = {self._parents.get((kind, identifier)) for kind in _kinds_of_id(declaration.type)}
        if declaration.type in OF_ANNEXES:
            annexes = {data.annex_id, *parents} - {None}
            found |= {self._annexes.get(annex) for annex in annexes}
        else:
            found |= parents
        return frozenset(structure for structure in found if structure is not None)

    def learn(self, declaration: Declaration) -> None:
        """What an accepted declaration tells of those that follow it in the batch."""
        data = declaration.data
        if declaration.withdrawn or declaration.type not in _KEPT_BY_ID:
            return
        on_annex = declaration.type is DocumentType.FINANCIAL_ANNEX
        if on_annex:
            self._annexes[data.annex_id] = data.structure_id
        parent = data.annex_id if on_annex else data.structure_id
        self._parents[declaration.type, declaration.key[0]] = parent


def _kinds_of_id(kind: DocumentType) -> tuple[DocumentType, ...]:
    """The documents that bear the id of one of this type: a contract and its exit share theirs."""
    if kind in _OF_CONTRACTS:
        return _OF_CONTRACTS
    return (kind,) if kind in _KEPT_BY_ID else ()


async def _parents(
    connection: Connection, ids: Iterable[tuple[DocumentType, int]]
) -> dict[tuple[DocumentType, int], int]:
    """The annex of each amendment, the structure of each contract or exit."""
    asked = list(ids)
    rows = await connection.fetch(
        "SELECT DISTINCT ON (document_type, id) document_type, id, parent"
        " FROM document JOIN source ON name = source"
        " JOIN unnest($1::text[], $2::bigint[]) AS asked (document_type, id)"
        " USING (document_type, id) ORDER BY document_type, id, rank, revision DESC",
        [kind.value for kind, _ in asked],
        [identifier for _, identifier in asked],
    )
    return {(DocumentType(row[0]), row[1]): row[2] for row in rows}


async def _annex_owners(connection: Connection, annexes: Iterable[int]) -> dict[int, int]:
    rows = await connection.fetch(
        "SELECT DISTINCT ON (annex_id) annex_id, structure_id"
        " FROM annex_owner JOIN source ON name = source"
        " WHERE annex_id = ANY($1::bigint[]) ORDER BY annex_id, rank, source",
        list(annexes),
    )
    return dict(map(tuple, rows))
