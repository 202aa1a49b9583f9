"""A declaration over HTTP becomes the very document that the same row of the feed becomes."""

from collections import Counter
from datetime import date
from typing import Any

import polars as pl
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from services.ingest.declared import DeclaredDocuments
from services.ingest.delivered import as_documents
from services.ingest.domain.declarations import Declaration, read_declaration
from services.ingest.domain.documents import Document
from services.ingest.domain.pseudonyms import PersonHash
from services.ingest.employments import employment_documents
from services.ingest.payloads import month_documents
from services.ingest.readers.reading import OWNER
from services.ingest.readers.validate import schema_of
from services.ingest.readers.views import VIEWS
from services.ingest.readers.warnings import line_warnings
from shared.contracts.employment_v1 import EmploymentDeclared
from shared.contracts.financial_annex_v1 import FinancialAnnexDeclared
from shared.contracts.registry import DocumentType
from shared.rules.monthly_states import STATES
from tests.bad_inputs import ANNEX, EMPLOYMENT, MONTH, changed

PERSONS = PersonHash(b"k" * 32)
KNOWN = {(4101, 7): "a" * 32}
NO_AMOUNTS = schema_of(VIEWS["RefMontantIae"]).to_frame()


def declared(*raw: dict[str, Any]) -> list[tuple[Declaration, int]]:
    read = [(read_declaration(one), 4101) for one in raw]
    right = [(one, owner) for one, owner in read if isinstance(one, Declaration)]
    assert len(right) == len(raw)
    return right


def documents(*raw: dict[str, Any], amounts: pl.DataFrame = NO_AMOUNTS) -> list[Document]:
    return DeclaredDocuments(PERSONS, KNOWN, amounts).documents(declared(*raw))


def frame(view: str, *rows: dict[str, Any]) -> pl.DataFrame:
    schema = pl.Schema({**schema_of(VIEWS[view]), OWNER: pl.Int64()})
    return pl.DataFrame(rows, schema=schema, orient="row")


def person_of(**data: Any) -> str:
    (document,) = documents(changed(EMPLOYMENT, **data))
    return EmploymentDeclared.model_validate_json(document.payload).person


LINE = {"line_id": 1, "version": 1, "state": "VALIDE", "hours": "1", "contract_id": 1}
PERSON_IDS = st.integers(0, 3)
LINES = st.lists(
    st.fixed_dictionaries(
        {
            "line_id": st.integers(0, 9) | st.integers(0, 10**18 - 1),
            "version": st.integers(0, 3),
            "state": st.sampled_from(STATES),
            "hours": st.integers(0, 744).map(str),
        },
        optional={"asp_etp": st.none() | st.sampled_from(["0", "0.5", "1.000"])},
    ).flatmap(
        lambda line: st.one_of(
            st.integers(0, 3).map(lambda contract: {**line, "contract_id": contract}),
            PERSON_IDS.map(lambda person: {**line, "person_id": person}),
            st.just({**line, "contract_id": 10**18 - 1, "person_id": 7}),
            PERSON_IDS.map(lambda person: {**line, "contract_id": None, "person_id": person}),
        )
    ),
    min_size=1,
    max_size=6,
    unique_by=lambda line: (line["line_id"], line["version"]),
)


@given(LINES)
@example([{**LINE, "version": 2}, {**LINE, "version": 1}])
def test_a_month_is_that_of_the_feed(lines: list[dict[str, Any]]) -> None:
    rows = frame(
        "EtatMensuelIndiv",
        *(
            {
                OWNER: 4101,
                "emi_afi_id": 42001,
                "emi_sme_annee": 2026,
                "emi_sme_mois": 3,
                "emi_dsm_id": line["line_id"],
                "emi_sme_version": line["version"],
                "emi_esm_etat_code": line["state"],
                "emi_nb_heures_travail": line["hours"],
                "emi_part_etp": line.get("asp_etp"),
                "emi_ctr_id": line.get("contract_id"),
                "emi_pph_id": line.get("person_id"),
            }
            for line in lines
        ),
    )
    of_feed = as_documents(DocumentType.MONTHLY_STATE, month_documents(rows, PERSONS))
    maker = DeclaredDocuments(PERSONS, KNOWN, NO_AMOUNTS)
    assert maker.documents(declared(changed(MONTH, lines=lines))) == of_feed
    assert +maker.warnings == +line_warnings(rows)


@pytest.mark.parametrize(
    ("others", "codes"),
    [
        ({}, []),
        ({"version": 2}, ["mixed-versions"]),
        ({"state": "SAISI"}, ["mixed-states"]),
        ({"version": 2, "state": "SAISI"}, ["mixed-versions", "mixed-states"]),
        ({"version": 2, "state": "SAISI", "contract_id": 1}, ["mixed-versions"]),
    ],
)
def test_what_is_odd_in_a_month_is_kept_and_counted(
    others: dict[str, Any], codes: list[str]
) -> None:
    other = {**LINE, "line_id": 2, "contract_id": 2, **others}
    maker = DeclaredDocuments(PERSONS, KNOWN, NO_AMOUNTS)
    maker.documents(declared(changed(MONTH, lines=[LINE, other])))
    assert +maker.warnings == Counter(codes)


def test_an_employment_is_that_of_the_feed() -> None:
    data = EMPLOYMENT["data"]
    contract = {
        "contrat_id_ctr": data["contract_id"],
        "contrat_id_pph": 7,
        "contrat_id_structure": 4101,
        "contrat_mesure_disp_code": data["measure"],
        "contrat_type_contrat": data["renewal"],
        "contrat_format_contrat_code": data["format"],
        "contrat_date_embauche": date.fromisoformat(data["hired_on"]),
        "contrat_date_fin_contrat": date.fromisoformat(data["ends_on"]),
        "contrat_orienteur_code": data["prescriber"],
        "contrat_salarie_rsa": data["rsa"],
        "contrat_salarie_ass": data["ass"],
        "contrat_salarie_aah": data["aah"],
    }
    known = pl.DataFrame({"structure_id": [4101], "person_id": [7], "person": ["a" * 32]})
    feed = employment_documents(frame("ContratMission", contract), known, PERSONS)
    of_feed = as_documents(DocumentType.EMPLOYMENT, feed)
    assert documents(changed(EMPLOYMENT, nir=None, person_id=7)) == of_feed


def test_a_person_is_told_by_nir_then_by_what_is_known_then_by_id() -> None:
    nir = EMPLOYMENT["data"]["nir"]
    assert person_of(person_id=7) == PERSONS.of_structure(4101, nir, None)
    assert person_of(nir=None, person_id=7) == "a" * 32
    assert person_of(nir=None, person_id=8) == PERSONS.of_structure(4101, None, 8)


def test_an_annex_takes_the_hours_of_its_kind_and_the_amounts_in_force() -> None:
    amounts = NO_AMOUNTS.vstack(
        pl.DataFrame(
            [{"rmi_id": 1, "rmi_code": "MT_ME_RSA", "rmi_valeur": "568.94"}],
            schema=NO_AMOUNTS.schema,
            orient="row",
        )
    )
    (document,) = documents(changed(ANNEX, hours_base=None), amounts=amounts)
    annex = FinancialAnnexDeclared.model_validate_json(document.payload)
    assert annex.hours_base == "1820"
    assert [amount.amount for amount in annex.rsa_amounts or ()] == ["568.94"]
    assert (document.key, document.parent, document.owner) == ((42011, 0), 42001, 4101)


def test_a_line_without_contract_bears_a_pseudonym() -> None:
    month = changed(MONTH)
    month["data"]["lines"] = [
        {"line_id": 1, "version": 1, "state": "SAISI", "hours": "10", "person_id": 7}
    ]
    (document,) = documents(month)
    assert PERSONS.of_annex(42001, 7).encode() in document.payload
    assert b"person_id" not in document.payload
