"""What names a person is masked in what is kept of a refused record, whatever its shape."""

import json

import pytest

from shared.database.dead_letters import PAYLOAD_CAP
from shared.database.masking import masked
from tests.unit.kafka.test_dead_letters import letter

NIRS = (
    "185069399999934",
    "1850693999999",
    "2 85 06 93 999 999 34",
    "185062A99999934",
    "1850697199999",
)


@pytest.mark.parametrize(
    "name", ["nir", "nom", "salarie_nir", "Prenom", "contact_email", "birthdate"]
)
@pytest.mark.parametrize("value", ['"DUPONT"', '"DU\\"PONT"', "12.5", '"DUP', '""'])
def test_members_that_name_a_person(name: str, value: str) -> None:
    text = f'{{"a": 1, "{name}" : {value}'
    assert masked(text.encode()) == f'{{"a": 1, "{name}" : "***"'.encode()


@pytest.mark.parametrize("nir", NIRS)
@pytest.mark.parametrize("around", ["{}", "x {} y", '"{}"', "a={};"])
def test_what_is_shaped_like_a_nir(nir: str, around: str) -> None:
    assert masked(around.format(nir).encode()) == around.format("***").encode()


@pytest.mark.parametrize(
    "text",
    [
        '{"structure_id": 101, "name": "ATELIER", "siret": "12345678901234"}',
        '{"annex_id": 2001, "lines": [{"line_id": 123456789012345678, "hours": "151.67"}]}',
        '{"person": "0123456789abcdef0123456789abcdef"}',
    ],
)
def test_what_names_nobody_is_left_as_it_is(text: str) -> None:
    assert masked(text.encode()) == text.encode()


def test_a_mask_keeps_json_json() -> None:
    held = json.loads(masked(b'{"nir": 1850693999999, "x": {"nom": "A", "b": [1]}}'))
    assert held == {"nir": "***", "x": {"nom": "***", "b": [1]}}


@pytest.mark.parametrize("shift", range(24))
def test_a_cut_in_the_middle_of_a_nir_shows_none_of_it(shift: int) -> None:
    before = b"x" * (PAYLOAD_CAP - shift - 1) + b" "
    payload = letter(value=before + b"2 85 06 93 999 999 34 and more").values()["payload"]
    assert PAYLOAD_CAP - 50 < len(payload) <= PAYLOAD_CAP
    assert b"85" not in payload


def test_many_masks_do_not_bring_the_cut_nearer() -> None:
    payload = letter(value=b"185069399999934 " * 9_000).values()["payload"]
    assert set(payload.split()) <= {b"***", b"**", b"*"}


def test_key_and_headers_are_masked_too() -> None:
    values = letter(key=b"1850693999999", headers=[("x", b"185069399999934")]).values()
    assert values["key"] == b"***"
    assert json.loads(values["headers"]) == [["x", "***"]]
    row = letter(key=b"1850693999999", value=b'{"nom": "DUPONT"}').record("t-dlq")
    assert row.key == "***"
    assert b"DUPONT" not in (row.value or b"")
