"""Rows of the feed → what is published: canonical, allowed by the contract, without a person."""

from collections.abc import Mapping

import polars as pl

from services.ingest.delivered import as_documents
from services.ingest.domain.documents import Document
from services.ingest.domain.pseudonyms import PersonHash
from services.ingest.payloads import month_documents
from shared.contracts.monthly_state_v1 import MonthlyStateDeclared
from shared.contracts.registry import DocumentType

PERSONS = PersonHash(b"k" * 32)


def lines(*rows: Mapping[str, object]) -> pl.DataFrame:
    """Accepted lines; a row says only what matters."""
    base: dict[str, object] = {
        "emi_afi_id": 2001,
        "emi_sme_annee": 2026,
        "emi_sme_mois": 3,
        "emi_esm_etat_code": "VALIDE",
        "emi_sme_version": 1,
        "emi_ctr_id": 10101,
        "emi_pph_id": 80101,
        "emi_nb_heures_travail": "151.5",
        "emi_part_etp": "1",
        "emi_dsm_id": 600001,
        "owner": 101,
    }
    schema: dict[str, type[pl.DataType]] = {
        name: pl.String if isinstance(value, str) else pl.Int64 for name, value in base.items()
    }
    return pl.DataFrame([{**base, **row} for row in rows], schema=schema)


def months(rows: pl.DataFrame) -> list[Document]:
    return as_documents(DocumentType.MONTHLY_STATE, month_documents(rows, PERSONS))


def test_the_order_of_rows_changes_nothing() -> None:
    first, second = {"emi_dsm_id": 1}, {"emi_dsm_id": 2, "emi_nb_heures_travail": "10"}
    (one,) = months(lines(first, second))
    (other,) = months(lines(second, first))
    assert one == other


def test_hours_change_the_digest() -> None:
    (one,) = months(lines({}))
    (other,) = months(lines({"emi_nb_heures_travail": "151"}))
    assert one.digest != other.digest


def test_an_owner_changes_the_key_and_not_the_document() -> None:
    (one,) = months(lines({}))
    (other,) = months(lines({"owner": 102}))
    assert one.digest == other.digest
    assert (one.owner, other.owner) == (101, 102)


def test_what_is_published_obeys_the_contract_strictly() -> None:
    (document,) = months(lines({}, {"emi_dsm_id": 2, "emi_ctr_id": None}))
    data = MonthlyStateDeclared.model_validate_json(document.payload, extra="forbid")
    assert [line["line_id"] for line in data.lines] == [2, 600001]
    assert data.lines[0]["person"] == PERSONS.of_annex(2001, 80101)
    assert data.hash_key_id == PERSONS.key_id


def test_a_persons_id_never_leaves_the_door() -> None:
    (document,) = months(lines({}, {"emi_dsm_id": 2, "emi_ctr_id": None}))
    assert b"80101" not in document.payload
