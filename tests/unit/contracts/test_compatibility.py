"""`narrowings` and `widenings`: every kind of change, each named by its path."""

from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.contracts.compatibility import narrowings, widenings
from shared.contracts.generate import schema
from shared.contracts.registry import REGISTRY

BASE: dict[str, Any] = {
    "type": "object",
    "properties": {
        "year": {"type": "integer", "minimum": 1900, "exclusiveMaximum": 10_000},
        "state": {"enum": ["SAISI", "VALIDE"], "type": "string"},
        "hours": {"anyOf": [{"type": "string", "pattern": "^[0-9]+$"}, {"type": "null"}]},
        "day": {"type": "string", "format": "date"},
        "note": {"type": "string", "minLength": 1, "maxLength": 80},
        "lines": {"type": "array", "items": {"$ref": "#/$defs/Line"}, "minItems": 1},
    },
    "required": ["year"],
    "$defs": {
        "Line": {
            "type": "object",
            "properties": {"id": {"type": "integer"}, "rate": {"type": ["number", "null"]}},
            "required": ["id"],
        }
    },
}


def changed(path: str, value: Any) -> dict[str, Any]:
    """`BASE` with the value at `path` (steps joined by /) replaced; None removes it."""
    document = deepcopy(BASE)
    *parents, last = path.split("/")
    target: Any = document
    for step in parents:
        target = target[int(step) if isinstance(target, list) else step]
    if value is None:
        del target[last]
    else:
        target[last] = value
    return document


NARROWER = [
    ("properties/note", None, "note : champ supprimé"),
    ("required", ["year", "note"], "note : champ devenu obligatoire"),
    ("additionalProperties", False, "(racine) : champs inconnus refusés"),
    ("properties/year/type", "string", "year : le type integer n'est plus admis"),
    ("properties/year/minimum", 1901, "year : borne basse resserrée à 1901"),
    ("properties/year/exclusiveMinimum", 1900, "year : borne basse resserrée à 1900"),
    ("properties/year/exclusiveMaximum", 9_999, "year : borne haute resserrée à 9999"),
    ("properties/year/multipleOf", 2, "year : contrainte multipleOf changée"),
    ("properties/year/enum", [2026], "year : valeurs limitées à une liste"),
    ("properties/state/enum", ["VALIDE"], "state : valeurs retirées : SAISI"),
    ("properties/state/const", "VALIDE", "state : valeurs retirées : SAISI"),
    ("properties/hours/anyOf/0/pattern", "^[0-9]{1,3}$", "hours : motif changé"),
    ("properties/hours/anyOf", [{"type": "null"}], "hours : le type string n'est plus admis"),
    ("properties/hours", {"type": "string"}, "hours : le type null n'est plus admis"),
    ("properties/day/format", "date-time", "day : format changé"),
    ("properties/day/pattern", "^2", "day : motif changé"),
    ("properties/note/minLength", 2, "note : minLength relevé à 2"),
    ("properties/note/maxLength", 79, "note : maxLength abaissé à 79"),
    ("properties/lines/minItems", 2, "lines : minItems relevé à 2"),
    ("properties/lines/maxItems", 9, "lines : maxItems abaissé à 9"),
    ("properties/lines/items", {"type": "string"}, "lines[] : le type object n'est plus admis"),
    ("$defs/Line/properties/id", None, "lines[].id : champ supprimé"),
    ("$defs/Line/required", ["id", "rate"], "lines[].rate : champ devenu obligatoire"),
    ("$defs/Line/additionalProperties", False, "lines[] : champs inconnus refusés"),
    (
        "$defs/Line/properties/rate/type",
        ["integer", "null"],
        "lines[].rate : le type number n'est plus admis",
    ),
]


@pytest.mark.parametrize(("path", "value", "told"), NARROWER)
def test_a_narrowing_is_named(path: str, value: Any, told: str) -> None:
    assert narrowings(BASE, changed(path, value)) == [told]


@pytest.mark.parametrize(("path", "value", "told"), NARROWER)
def test_the_way_back_is_a_widening_but_for_a_new_field(path: str, value: Any, told: str) -> None:
    """What an old consumer would refuse of the events that a wider contract allows."""
    expected = [] if "supprimé" in told else [told]
    assert widenings(changed(path, value), BASE) == expected


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("properties/comment", {"type": "string"}),
        ("properties/year/description", "civil year"),
        ("$defs/Line/properties/person", {"type": "string"}),
        ("title", "Month"),
    ],
)
def test_an_optional_field_or_a_word_of_explanation_breaks_nothing(path: str, value: Any) -> None:
    after = changed(path, value)
    assert (narrowings(BASE, after), widenings(BASE, after)) == ([], [])


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("properties/year/minimum", None),
        ("properties/state/enum", ["SAISI", "VALIDE", "DEBLOQUE"]),
        ("properties/hours/anyOf/0/pattern", None),
        ("properties/note/maxLength", 1_000),
        ("properties/note/type", ["string", "null"]),
        ("required", None),
    ],
)
def test_what_a_consumer_may_accept_more_of_is_a_widening_only(path: str, value: Any) -> None:
    after = changed(path, value)
    assert narrowings(BASE, after) == []
    assert len(widenings(BASE, after)) == 1


def test_changes_add_up() -> None:
    after = changed("properties/note", None)
    after["properties"]["year"]["minimum"] = 2000
    assert sorted(narrowings(BASE, after)) == [
        "note : champ supprimé",
        "year : borne basse resserrée à 2000",
    ]


def test_types_are_inferred_from_values_and_maps_are_compared() -> None:
    assert narrowings({"enum": ["a", None]}, {"enum": ["a"], "type": "string"}) == [
        "(racine) : le type null n'est plus admis"
    ]
    before = {"type": "object", "additionalProperties": {"type": "integer"}}
    after = {"type": "object", "additionalProperties": {"type": "integer", "maximum": 5}}
    assert narrowings(before, after) == ["* : borne haute resserrée à 5"]
    assert narrowings({}, {"type": "string"}) == ["(racine) : le type quelconque n'est plus admis"]


@given(st.sampled_from(sorted(REGISTRY)), st.data())
def test_removing_any_field_of_any_event_is_seen(name: str, data: st.DataObject) -> None:
    before = schema(REGISTRY[name])
    assert narrowings(before, before) == widenings(before, before) == []
    field = data.draw(st.sampled_from(sorted(before["properties"])))
    after = deepcopy(before)
    del after["properties"][field]
    assert f"{field} : champ supprimé" in narrowings(before, after)
