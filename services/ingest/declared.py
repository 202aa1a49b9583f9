"""Declarations of the HTTP door → documents, published exactly as the feed's rows are."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import polars as pl

from services.ingest.delivered import as_documents
from services.ingest.domain.declarations import Declaration
from services.ingest.domain.declared_months import month_document, month_warnings
from services.ingest.domain.documents import Document
from services.ingest.domain.pseudonyms import PersonHash
from services.ingest.payloads import (
    annex_documents,
    contract_documents,
    document_of,
)
from services.ingest.readers.reading import OWNER
from services.ingest.readers.validate import schema_of
from services.ingest.readers.views import VIEWS
from services.ingest.readers.warnings import annex_warnings, valid_siret
from services.ingest.rsa_amounts import rsa_amounts
from shared.contracts.registry import DocumentType

_ANNEX: Final = {
    "af_id_structure": "structure_id",
    "af_numero_convention": "convention_number",
    "af_mesure_dispositif_code": "measure",
    "af_numero_annexe_financiere": "annex_number",
    "af_numero_avenant_renouvellement": "renewal",
    "af_numero_avenant_modification": "amendment",
    "af_id_annexe_financiere": "annex_id",
    "af_id_avenant_modification": "amendment_id",
    "af_etat_annexe_financiere_code": "state",
    "af_date_debut_effet": "starts_on",
    "af_date_fin_effet": "ends_on",
    "af_etp_postes_insertion": "contracted_etp",
    "af_duree_heure_annuel_etp_valeur": "hours_base",
    "af_montant_unitaire_annuel_valeur": "unit_amount",
    "af_montant_total_annuel": "total_amount",
    "af_mt_cofinance": "cofinanced_amount",
    "af_id_financeur_code": "funder",
    "af_date_signature": "signed_on",
    "af_date_reception_asp": "received_on",
    "af_date_etat_valide": "validated_on",
}
_EMPLOYMENT: Final = pl.Schema(
    {
        "contract_id": pl.Int64(),
        "structure_id": pl.Int64(),
        "hash_key_id": pl.String(),
        "measure": pl.String(),
        "renewal": pl.Int64(),
        "format": pl.String(),
        "hired_on": pl.Date(),
        "ends_on": pl.Date(),
        "rsa": pl.String(),
        "ass": pl.Boolean(),
        "aah": pl.Boolean(),
        "prescriber": pl.String(),
        "person": pl.String(),
    }
)
_EXIT: Final = pl.Schema(
    {
        "contract_id": pl.Int64(),
        "structure_id": pl.Int64(),
        "left_on": pl.Date(),
        "reason": pl.String(),
        "category": pl.String(),
        "left_on_source": pl.String(),
    }
)
"""Columns and their order are those of the feed's documents: the same data, the same digest."""

Person = tuple[int, int]
"""A structure's id and, within it, the ASP's id of a person."""

Declared = tuple[Declaration, int]
"""A declaration, and the structure that keys its events."""


class DeclaredDocuments:
    """Makes the documents of one batch.

    `known` are the pseudonyms of persons whose NIR the first-rank source gave; `amounts` is its
    referential RefMontantIae.
    """

    def __init__(
        self, persons: PersonHash, known: Mapping[Person, str], amounts: pl.DataFrame
    ) -> None:
        self._persons = persons
        self._known = known
        self._amounts = amounts
        self.warnings: Counter[str] = Counter()
        """What is kept all the same, by code."""

    def documents(self, declared: Sequence[Declared]) -> list[Document]:
        """The documents of declarations of distinct keys, each with the structure that keys its
        events; by type."""
        by_type: dict[DocumentType, list[Declared]] = {}
        for entry in declared:
            by_type.setdefault(entry[0].type, []).append(entry)
        made: list[Document] = []
        for kind, entries in by_type.items():
            match kind:
                case DocumentType.FINANCIAL_ANNEX:
                    made += self._annexes([entry.data for entry, _ in entries])
                case DocumentType.MONTHLY_STATE:
                    made += self._months(entries)
                case DocumentType.EMPLOYMENT:
                    rows = [self._employment(entry.data) for entry, _ in entries]
                    made += _of_contracts(kind, pl.DataFrame(rows, schema=_EMPLOYMENT))
                case DocumentType.EXIT:
                    rows = [entry.data.model_dump() for entry, _ in entries]
                    made += _of_contracts(kind, pl.DataFrame(rows, schema=_EXIT))
                case _:
                    made += [self._other(entry, owner) for entry, owner in entries]
        return made

    def _annexes(self, annexes: Sequence[Any]) -> list[Document]:
        rows, warnings = annex_warnings(_annex_rows(annexes), self._amounts)
        self.warnings += warnings
        owners = {data.annex_id: data.structure_id for data in annexes}
        return annex_documents(rows, owners, rsa_amounts(self._amounts))

    def _months(self, months: Sequence[Declared]) -> Iterator[Document]:
        for declaration, owner in months:
            self.warnings.update(month_warnings(declaration.data))
            yield month_document(declaration.data, owner, self._persons)

    def _employment(self, data: Any) -> dict[str, Any]:
        """A NIR tells who it is; else the pseudonym known of the person id, else that id."""
        known = self._known.get((data.structure_id, data.person_id)) if data.nir is None else None
        person = known or self._persons.of_structure(data.structure_id, data.nir, data.person_id)
        fields: dict[str, Any] = data.model_dump(exclude={"nir", "person_id"})
        return fields | {"person": person, "hash_key_id": self._persons.key_id}

    def _other(self, declaration: Declaration, owner: int) -> Document:
        if declaration.type is DocumentType.STRUCTURE:
            self.warnings["siret-key"] += not valid_siret(declaration.data.siret)
        return document_of(declaration.type, declaration.key, owner, owner, declaration.data)


def _of_contracts(kind: DocumentType, published: pl.DataFrame) -> list[Document]:
    return as_documents(kind, contract_documents(published))


def _annex_rows(annexes: Sequence[Any]) -> pl.DataFrame:
    """As the reader of the feed gives them; null is what a declaration does not have."""
    schema = pl.Schema({**schema_of(VIEWS["AnnexeFinanciere"]), OWNER: pl.Int64()})
    given = {column: [getattr(one, name) for one in annexes] for column, name in _ANNEX.items()}
    nothing = [None] * len(annexes)
    return pl.DataFrame({name: given.get(name, nothing) for name in schema}, schema=schema)
