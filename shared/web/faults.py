"""pydantic's validation errors, told in French with stable codes and without the input."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from shared.contracts.fields import DECIMAL_PATTERN
from shared.web.as_of import REFUSALS

_MESSAGES: dict[str, tuple[str, str]] = {
    "missing": ("missing-value", "Valeur obligatoire."),
    "extra_forbidden": ("unknown-field", "Ce champ n'existe pas."),
    "json_invalid": ("unreadable-json", "Ce n'est pas du JSON lisible."),
    "int_parsing": ("unreadable-number", "Un nombre entier est attendu."),
    "int_type": ("unreadable-number", "Un nombre entier est attendu."),
    "int_from_float": ("unreadable-number", "Un nombre entier est attendu."),
    "int_parsing_size": ("unreadable-number", "Ce nombre est trop long."),
    "float_parsing": ("unreadable-number", "Un nombre est attendu."),
    "float_type": ("unreadable-number", "Un nombre est attendu."),
    "finite_number": ("unreadable-number", "Un nombre fini est attendu."),
    "decimal_parsing": ("unreadable-number", "Un nombre décimal est attendu."),
    "decimal_type": ("unreadable-number", "Un nombre décimal est attendu."),
    "decimal_max_digits": ("invalid-value", "Au plus {max_digits} chiffres."),
    "decimal_max_places": ("invalid-value", "Au plus {decimal_places} décimales."),
    "bool_parsing": ("invalid-value", "true ou false est attendu."),
    "bool_type": ("invalid-value", "true ou false est attendu."),
    "string_type": ("invalid-value", "Un texte est attendu."),
    "string_too_short": ("invalid-value", "Caractères, au moins : {min_length}."),
    "string_too_long": ("invalid-value", "Caractères, au plus : {max_length}."),
    "string_pattern_mismatch": ("invalid-value", "Ce texte n'a pas la forme attendue."),
    "too_short": ("invalid-value", "Éléments, au moins : {min_length}."),
    "too_long": ("invalid-value", "Éléments, au plus : {max_length}."),
    "list_type": ("invalid-value", "Une liste est attendue."),
    "dict_type": ("invalid-value", "Un objet est attendu."),
    "model_type": ("invalid-value", "Un objet est attendu."),
    "model_attributes_type": ("invalid-value", "Un objet est attendu."),
    "greater_than": ("invalid-value", "Doit dépasser {gt}."),
    "greater_than_equal": ("invalid-value", "Doit être au moins {ge}."),
    "less_than": ("invalid-value", "Doit rester sous {lt}."),
    "less_than_equal": ("invalid-value", "Doit être au plus {le}."),
    "literal_error": ("invalid-value", "Valeurs possibles : {expected}."),
    "enum": ("invalid-value", "Valeurs possibles : {expected}."),
    "union_tag_invalid": ("unknown-type", "Valeurs possibles : {expected_tags}."),
    "union_tag_not_found": ("missing-value", "Le type est obligatoire."),
    **REFUSALS,
}
_UNREADABLE_DATE = ("unreadable-date", "Une date ISO est attendue (2026-03-31).")
_NOT_DECIMAL = ("invalid-value", "Un nombre positif en chiffres, au plus un point (113.5).")
_OTHER = ("invalid-value", "Valeur refusée.")
_SCHEMA_SIDE = frozenset(
    {"max_digits", "decimal_places", "min_length", "max_length"}
    | {"gt", "ge", "lt", "le", "expected", "expected_tags"}
)
_FIELD_NAME = re.compile(r"[a-z][a-z_]{0,19}[0-9]?[a-z_]{0,20}", re.ASCII)


class Fault(NamedTuple):
    """One fault: a stable code, where it is (`query.page`, `data.lines.0.hours`), why."""

    code: str
    path: str
    message: str


def faults(errors: Iterable[Mapping[str, Any]]) -> tuple[Fault, ...]:
    """The faults of `ValidationError.errors()` or `RequestValidationError.errors()`, in order."""
    return tuple(_fault(error) for error in errors)


def _fault(error: Mapping[str, Any]) -> Fault:
    kind = error["type"]
    dated = kind.startswith(("date_", "datetime_", "timezone_"))
    code, message = _MESSAGES.get(kind, _UNREADABLE_DATE if dated else _OTHER)
    if error.get("ctx", {}).get("pattern") == DECIMAL_PATTERN:
        code, message = _NOT_DECIMAL
    bounds = {name: value for name, value in error.get("ctx", {}).items() if name in _SCHEMA_SIDE}
    place = error["loc"]
    if kind == "json_invalid":
        place = place[:1]
    text = message.format(**bounds).replace("' or '", "' ou '")
    return Fault(code, path_of(place), text)


def path_of(place: Sequence[int | str]) -> str:
    """A location as text; a name that is not shaped like a field's may be input: `*`. A header's
    name is always ours."""
    ours = place[:1] == ("header",)
    parts = (
        str(part) if ours or isinstance(part, int) or _FIELD_NAME.fullmatch(part) else "*"
        for part in place
    )
    return ".".join(parts)
