"""Query parameters that name a place: a region, a department."""

from typing import Annotated

from pydantic import AfterValidator, WithJsonSchema
from pydantic_core import PydanticKnownError

from shared.reference.departments import departments, regions


def _known_region(name: str) -> str:
    if name not in regions():
        raise PydanticKnownError("literal_error", {"expected": ", ".join(sorted(regions()))})
    return name


def _known_department(code: str) -> str:
    if code not in departments():
        expected = "un code de département, comme 01, 2A ou 972"
        raise PydanticKnownError("literal_error", {"expected": expected})
    return code


RegionName = Annotated[
    str,
    AfterValidator(_known_region),
    WithJsonSchema({"type": "string", "enum": sorted(regions())}),
]
DepartmentCode = Annotated[
    str,
    AfterValidator(_known_department),
    WithJsonSchema({"type": "string", "enum": sorted(departments())}),
]
