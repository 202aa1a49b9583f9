"""`fr.cadran.support-hours.*.v1`: a year's hours of those who supervise and accompany."""

from typing import Literal

from pydantic import Field

from shared.contracts.fields import Contract, Count, DecimalText, Id, Year

SupportedKind = Literal["ACI", "AI", "EI", "ETTI"]
"""Kinds that have a modulated part; DC and MP together."""


class SupportHoursDeclared(Contract):
    """Hours of one year, paid for ACI and worked elsewhere (Instruction DGEFP 2018/239, annex 3).

    The last three are complementary: declared or not, they never enter a rate.
    """

    structure_id: Id
    kind: SupportedKind
    year: Year
    technical_hours: DecimalText = Field(description="Technical supervision")
    support_hours: DecimalText = Field(description="Socio-professional support")
    partner_hours: DecimalText | None = Field(None, description="Support with outside partners")
    training_hours: DecimalText | None = Field(None, description="Support toward training")
    positioned_persons: Count | None = Field(None, description="Persons positioned by prescribers")


class SupportHoursWithdrawn(Contract):
    """An entry that its source no longer holds."""

    structure_id: Id
    kind: SupportedKind
    year: Year


def natural_key(structure_id: int, kind: str, year: int) -> str:
    """`101/ACI/2026`"""
    return f"{structure_id}/{kind}/{year:04d}"
