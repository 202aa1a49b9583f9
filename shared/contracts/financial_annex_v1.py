"""`fr.cadran.financial-annex.*.v1`: one version (amendment) of an annexe financière."""

from typing import Literal

from pydantic import Field

from shared.contracts.fields import Code, Contract, Count, Day, DecimalText, Id, Text

AnnexState = Literal[
    "BROUILLON", "SAISI", "REJETE", "PROVISOIRE", "VALIDE", "HISTORISE", "CLOTURE", "ANNULE"
]


class RsaAmount(Contract):
    """A monthly RSA amount, as the referential gives it: what one bRSA post is counted for."""

    amount: DecimalText = Field(description="Euros a month, already 88 % of the RSA")
    department: Code | None = Field(None, description="Its only department; none: all the others")
    starts_on: Day | None = None
    ends_on: Day | None = Field(None, description="Last day, included")


class FinancialAnnexDeclared(Contract):
    """An annex version as declared; posts in monthly ETP, amounts in euros a year."""

    amendment_id: Id
    annex_id: Id
    structure_id: Id
    annex_number: Code
    convention_number: Text | None = None
    measure: Code = Field(description="Kind and regime as the ASP codes them, `ACI_DC`")
    renewal: Count
    amendment: Count
    state: AnnexState
    starts_on: Day
    ends_on: Day
    contracted_etp: DecimalText | None = Field(None, description="Monthly ETP; none for FDI")
    hours_base: DecimalText | None = Field(None, description="Hours of one yearly ETP")
    unit_amount: DecimalText | None = Field(None, description="Euros per ETP and year")
    total_amount: DecimalText | None = Field(None, description="Euros granted, as delivered")
    cofinanced_amount: DecimalText | None = Field(None, description="Euros of the département")
    funder: Text | None = None
    signed_on: Day | None = None
    received_on: Day | None = Field(None, description="When the annex reached the ASP")
    validated_on: Day | None = None
    rsa_amounts: list[RsaAmount] | None = Field(
        None, description="Of a cofinanced ACI: the amounts in force in its months"
    )


class FinancialAnnexWithdrawn(Contract):
    """An annex version that its source no longer holds."""

    amendment_id: Id
    annex_id: Id


def natural_key(amendment_id: int) -> str:
    """`20011`"""
    return str(amendment_id)
