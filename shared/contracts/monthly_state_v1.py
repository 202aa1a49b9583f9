"""`fr.cadran.monthly-state.*.v1`: what is declared for one annex and one month, line by line."""

from typing import Annotated, Literal, NotRequired, Required

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError
from typing_extensions import TypedDict

from shared.contracts.fields import Code, Contract, Count, DecimalText, Id, Month, Pseudonym, Year

MonthlyStateState = Literal["BROUILLON", "SAISI", "DEBLOQUE", "VALIDE"]


class MonthlyLine(TypedDict):
    """One employee's month on one contract; a TypedDict, since a nation has millions of them."""

    line_id: Required[Id]
    version: Required[Count]
    state: Required[MonthlyStateState]
    hours: Required[DecimalText]
    asp_etp: NotRequired[DecimalText | None]
    contract_id: NotRequired[Id | None]
    person: NotRequired[Pseudonym | None]


def _bears_contract_or_person(lines: list[MonthlyLine]) -> list[MonthlyLine]:
    for position, line in enumerate(lines):
        if line.get("contract_id") is None and line.get("person") is None:
            raise PydanticCustomError(
                "contract_or_person",
                "line {position} bears neither a contract nor a person",
                {"position": position},
            )
    return lines


class MonthlyStateDeclared(Contract):
    """The whole month: a later revision replaces it whole. Hours are those of the annex's base
    (paid for ACI, worked elsewhere)."""

    annex_id: Id
    year: Year
    month: Month
    hash_key_id: Code | None = Field(None, description="Id of the key behind `person`")
    lines: Annotated[
        list[MonthlyLine], Field(min_length=1), AfterValidator(_bears_contract_or_person)
    ]


class MonthlyStateWithdrawn(Contract):
    """A month that its source no longer holds."""

    annex_id: Id
    year: Year
    month: Month


def natural_key(annex_id: int, year: int, month: int) -> str:
    """`2001/2026-03`"""
    return f"{annex_id}/{year:04d}-{month:02d}"
