"""Departments: the reference data and the department of an INSEE code."""

import pytest

from shared.reference.departments import (
    department_of_insee,
    departments,
    region_of,
    regions,
)


def test_every_department_is_in_exactly_one_region() -> None:
    members = [code for codes in regions().values() for code in codes]
    assert sorted(members) == sorted(departments())
    assert len(departments()) == 109
    assert regions()["Grand Est"] >= {"54", "57", "88"}
    assert regions()["Collectivités d'outre-mer"] == {"975", "977", "978"}


@pytest.mark.parametrize(
    ("insee", "expected"),
    [
        ("54395", "54"),
        ("01004", "01"),
        ("2A004", "2A"),
        ("2b033", "2B"),
        ("97209", "972"),
        ("97611", "976"),
        ("98818", "988"),
        ("976", "976"),
        ("54", "54"),
        (" 13055 ", "13"),
        ("", None),
        ("5", None),
        ("543", None),
        ("1004", None),
        ("2A04", None),
        ("99132", None),
        ("20004", None),
        ("971055", None),
        ("٥٤395", None),
        ("ABCDE", None),
    ],
)
def test_department_of_insee(insee: str, expected: str | None) -> None:
    assert department_of_insee(insee) == expected


def test_region_of() -> None:
    assert region_of("2A") == "Corse"
    assert region_of("00") is None
