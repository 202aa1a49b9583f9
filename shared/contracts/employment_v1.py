"""`fr.cadran.employment.*.v1`: one insertion contract of one person with one structure."""

from pydantic import Field

from shared.contracts.fields import Code, Contract, Count, Day, Id, Pseudonym


class EmploymentDeclared(Contract):
    """A contract as declared: who, where, when, and the person's situation before hiring.

    `person` stands for one human within one structure; `rsa`, `ass` and `aah` are those declared
    before hiring (Instruction DGEFP 2018/239, annex 3), never updated by a later event of life.
    """

    contract_id: Id
    structure_id: Id
    person: Pseudonym
    hash_key_id: Code | None = Field(None, description="Id of the key behind `person`")
    measure: Code | None = Field(None, description="Kind and regime as the ASP codes them")
    renewal: Count | None = Field(None, description="0 for a first contract, n for its renewals")
    format: Code | None = Field(None, description="Contract format, as the ASP codes it")
    hired_on: Day
    ends_on: Day | None = Field(None, description="Planned end; none when open")
    rsa: Code | None = Field(None, description="RSA before hiring: `NON`, `OUI-M`, `OUI-NM`")
    ass: bool | None = Field(None, description="Allocation de solidarité spécifique before hiring")
    aah: bool | None = Field(None, description="Allocation aux adultes handicapés before hiring")
    prescriber: Code | None = Field(None, description="Who referred the person, as the ASP codes")


class EmploymentWithdrawn(Contract):
    """A contract that its source no longer holds."""

    contract_id: Id


def natural_key(contract_id: int) -> str:
    """`10101`"""
    return str(contract_id)
