"""`fr.cadran.structure.*.v1`: identity and contact of a structure (its kinds are its annexes')."""

from pydantic import Field

from shared.contracts.fields import Code, Contract, Id, Text


class StructureDeclared(Contract):
    """A structure as its source knows it now."""

    structure_id: Id
    siret: Code | None = Field(None, description="Current SIRET, else the one signed with")
    name: Text | None = None
    municipality: Text | None = None
    insee_code: Code | None = Field(None, description="INSEE code of the municipality")
    contact_email: Text | None = Field(None, description="Where notifications go; never a page")


class StructureWithdrawn(Contract):
    """A structure that its source no longer holds: on the compacted topic a null value, whose
    headers alone name the structure."""

    structure_id: Id


def natural_key(structure_id: int) -> str:
    """`101`"""
    return str(structure_id)
