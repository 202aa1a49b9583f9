"""What a change of a contract would break, by comparing two JSON Schemas of one event version.

Within a version only optional fields may be added. `narrowings` finds what today's consumer would
refuse of a released event; `widenings` what a released consumer would refuse of today's.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

Schema = Mapping[str, Any]

_ANNOTATIONS: Final = frozenset(
    {"$schema", "$id", "$defs", "$comment", "title", "description", "default", "examples"}
    | {"deprecated", "readOnly", "writeOnly"}
)
_COMPARED: Final = frozenset(
    {"type", "enum", "const", "pattern", "format", "properties", "required", "items"}
    | {"additionalProperties", "anyOf", "$ref", "minimum", "exclusiveMinimum", "maximum"}
    | {"exclusiveMaximum"}
)
_LOWER: Final = ("minLength", "minItems", "minProperties")
_UPPER: Final = ("maxLength", "maxItems", "maxProperties")
_NAMES: Final = {dict: "object", list: "array", str: "string", bool: "boolean", int: "integer"}


def narrowings(released: Schema, current: Schema) -> list[str]:
    """What `released` allows and `current` no longer does, in French, each with its path."""
    return list(_Comparison(released, current, fields_may_go=False).run())


def widenings(released: Schema, current: Schema) -> list[str]:
    """What `current` allows in a released field and `released` does not: an old consumer would
    refuse it. A new field is no widening, since consumers ignore what they do not know."""
    return list(_Comparison(current, released, fields_may_go=True).run())


class _Comparison:
    """Is all that `wide` accepts accepted by `narrow`?"""

    def __init__(self, wide: Schema, narrow: Schema, *, fields_may_go: bool) -> None:
        self._wide = wide
        self._narrow = narrow
        self._fields_may_go = fields_may_go

    def run(self) -> Iterator[str]:
        return self._compare(self._wide, self._narrow, "")

    def _compare(self, wide: Schema, narrow: Schema, path: str) -> Iterator[str]:
        """Each branch of `wide` must fit in one of `narrow`; the nearest one tells why it fails."""
        branches = list(_branches(narrow, self._narrow))
        for branch in _branches(wide, self._wide):
            nearest = [b for b in branches if _admits(b.get("type"), branch.get("type"))]
            if not nearest:
                yield _told(path, f"le type {branch.get('type', 'quelconque')} n'est plus admis")
                continue
            yield from min((list(self._branch(branch, b, path)) for b in nearest), key=len)

    def _branch(self, wide: Schema, narrow: Schema, path: str) -> Iterator[str]:
        yield from (_told(path, reason) for reason in _values(wide, narrow))
        yield from (_told(path, reason) for reason in _bounds(wide, narrow))
        yield from (_told(path, reason) for reason in _other(wide, narrow))
        yield from self._fields(wide, narrow, path)
        if "items" in narrow:
            yield from self._compare(wide.get("items", {}), narrow["items"], f"{path}[]")

    def _fields(self, wide: Schema, narrow: Schema, path: str) -> Iterator[str]:
        before, after = wide.get("properties", {}), narrow.get("properties", {})
        for name in before:
            if name in after:
                yield from self._compare(before[name], after[name], _join(path, name))
            elif not self._fields_may_go:
                yield _told(_join(path, name), "champ supprimé")
        for name in narrow.get("required", ()):
            if name not in wide.get("required", ()):
                yield _told(_join(path, name), "champ devenu obligatoire")
        extra, was = (
            narrow.get("additionalProperties", True),
            wide.get("additionalProperties", True),
        )
        if extra is not True and was is not False:
            if isinstance(extra, Mapping) and isinstance(was, Mapping):
                yield from self._compare(was, extra, _join(path, "*"))
            else:
                yield _told(path, "champs inconnus refusés")


def _branches(schema: Schema, root: Schema) -> Iterator[Schema]:
    """The alternatives of a schema: references followed, `anyOf` and lists of types opened."""
    if "$ref" in schema:
        target: Any = root
        for step in str(schema["$ref"]).removeprefix("#/").split("/"):
            target = target[step]
        yield from _branches({**target, **_without(schema, "$ref")}, root)
    elif "anyOf" in schema:
        for option in schema["anyOf"]:
            yield from _branches({**_without(schema, "anyOf"), **option}, root)
    elif isinstance(schema.get("type"), list):
        for name in schema["type"]:
            yield {**schema, "type": name}
    elif "type" not in schema and (allowed := _allowed(schema)):
        named = [(_NAMES.get(type(value), "null"), value) for value in allowed]
        for name in dict.fromkeys(name for name, _ in named):
            values = [value for of, value in named if of == name]
            yield {**_without(schema, "const"), "type": name, "enum": values}
    else:
        yield schema


def _admits(narrow: str | None, wide: str | None) -> bool:
    return narrow is None or narrow == wide or (narrow, wide) == ("number", "integer")


def _allowed(schema: Schema) -> Sequence[Any] | None:
    return [schema["const"]] if "const" in schema else schema.get("enum")


def _values(wide: Schema, narrow: Schema) -> Iterator[str]:
    before, after = _allowed(wide), _allowed(narrow)
    if after is None:
        return
    if before is None:
        yield "valeurs limitées à une liste"
    elif lost := [value for value in before if value not in after]:
        yield f"valeurs retirées : {', '.join(map(str, lost))}"


def _bounds(wide: Schema, narrow: Schema) -> Iterator[str]:
    for name in _LOWER:
        if narrow.get(name, 0) > wide.get(name, 0):
            yield f"{name} relevé à {narrow[name]}"
    for name in _UPPER:
        if name in narrow and (name not in wide or narrow[name] < wide[name]):
            yield f"{name} abaissé à {narrow[name]}"
    for sign, name in ((1, "inimum"), (-1, "aximum")):
        after = _limit(narrow, name, sign)
        before = _limit(wide, name, sign)
        if after is not None and (before is None or after > before):
            yield f"borne {'basse' if sign == 1 else 'haute'} resserrée à {sign * after[0]}"


def _limit(schema: Schema, name: str, sign: int) -> tuple[int, bool] | None:
    """The tighter of a bound's two forms, as (signed value, excluded); our numbers are whole."""
    forms = ((f"m{name}", False), (f"exclusiveM{name}", True))
    return max(((sign * schema[key], out) for key, out in forms if key in schema), default=None)


def _other(wide: Schema, narrow: Schema) -> Iterator[str]:
    """Keywords whose meanings are not compared: any change or addition is taken as narrower."""
    for key, told in (("pattern", "motif"), ("format", "format")):
        if key in narrow and narrow[key] != wide.get(key):
            yield f"{told} changé"
    known = _ANNOTATIONS | _COMPARED | set(_LOWER) | set(_UPPER)
    for key in narrow:
        if key not in known and narrow[key] != wide.get(key):
            yield f"contrainte {key} changée"


def _without(schema: Schema, key: str) -> dict[str, Any]:
    return {name: value for name, value in schema.items() if name != key}


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _told(path: str, reason: str) -> str:
    return f"{path or '(racine)'} : {reason}"
