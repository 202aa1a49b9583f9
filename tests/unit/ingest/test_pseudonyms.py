"""Persons beyond the door: one NIR is one person of a structure, whatever its key or writing."""

import pytest

from services.ingest.domain.nir import has_wrong_key, identity_of
from services.ingest.domain.pseudonyms import PersonHash

PERSONS = PersonHash(b"k" * 32)
NIR = "185317512345604"
CORSICAN = "1 85 31 2A 123 456 61"


@pytest.mark.parametrize("nir", ["1853175123456", "1 85 31 75 123 456 04", "185317512345600"])
def test_one_nir_is_one_person_whatever_its_writing(nir: str) -> None:
    assert PERSONS.of_structure(101, nir, 7) == PERSONS.of_structure(101, NIR, 8)


def test_letters_of_a_nir_are_taken_in_capitals() -> None:
    assert identity_of(CORSICAN.lower()) == identity_of(CORSICAN) == "185312A123456"


def test_the_same_human_in_two_structures_is_two_pseudonyms() -> None:
    assert PERSONS.of_structure(101, NIR, 7) != PERSONS.of_structure(102, NIR, 7)


@pytest.mark.parametrize("nir", [None, "", "18531751234", "1111111111111", "18531C5123456"])
def test_what_does_not_identify_leaves_the_person_id(nir: str | None) -> None:
    assert identity_of(nir) is None
    assert PERSONS.of_structure(101, nir, 7) == PERSONS.of_structure(101, None, 7)
    assert PERSONS.of_structure(101, nir, 7) != PERSONS.of_structure(101, nir, 8)
    with pytest.raises(ValueError, match="neither"):
        PERSONS.of_structure(101, nir, None)


def test_a_person_of_a_line_is_not_that_of_a_contract() -> None:
    assert PERSONS.of_annex(101, 7) != PERSONS.of_structure(101, None, 7)


def test_another_key_gives_other_pseudonyms() -> None:
    other = PersonHash(b"l" * 32)
    assert other.of_structure(101, NIR, 7) != PERSONS.of_structure(101, NIR, 7)


@pytest.mark.parametrize("nir", [NIR, CORSICAN, "1853175123456", None, "1111111111111"])
def test_a_right_key_or_none_is_not_wrong(nir: str | None) -> None:
    assert not has_wrong_key(nir)


@pytest.mark.parametrize("nir", ["185317512345605", "1853175123456AB", "1853A7512345604"])
def test_a_wrong_key_is_seen(nir: str) -> None:
    assert has_wrong_key(nir)
