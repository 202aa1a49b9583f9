"""`fr.cadran.exit.*.v1`: the definitive end of one contract."""

from pydantic import Field

from shared.contracts.fields import Code, Contract, Day, Id, Text


class ExitDeclared(Contract):
    """The definitive exit of a contract, with the reason as declared; none when not declared.

    What the contract leaves empty comes from its last validated monthly line that bears a date
    (the ASP feed): `left_on_source` says which.
    """

    contract_id: Id
    structure_id: Id
    left_on: Day
    reason: Text | None = Field(None, description="Label of the exit reason, as declared")
    category: Text | None = Field(None, description="Label of the reason's category for the ASP")
    left_on_source: Code | None = Field(None, description="`contract` or `monthly-state`")


class ExitWithdrawn(Contract):
    """An exit that its source no longer holds."""

    contract_id: Id


def natural_key(contract_id: int) -> str:
    """`11350`"""
    return str(contract_id)
