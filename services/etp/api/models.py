"""What the read API answers, for its OpenAPI document: the exports' columns."""

from typing import Any

from pydantic import BaseModel, Field, create_model

from services.etp.exports.aggregates import StructureRow, TerritoryRow
from services.etp.exports.annexes import AnnexMonthRow, AnnexRow
from services.etp.exports.differences import DifferenceRow
from services.etp.exports.explanations import ExactRow, InputsRow, LineRow, RevisionRow, StepRow
from services.etp.exports.groups import SummedRow
from services.etp.exports.history import AnnualRow, VersionRow
from services.etp.exports.months import MonthDetailRow
from shared.web.exports import item_fields, item_model

ANNEX = item_model(AnnexRow, "Annex")
MONTH = item_model(AnnexMonthRow, "AnnexMonth", **item_fields(MonthDetailRow))
STRUCTURE = item_model(StructureRow, "StructureMonth")
TERRITORY = item_model(TerritoryRow, "TerritoryMonth")
DIFFERENCE = item_model(DifferenceRow, "Difference")
_VERSION = item_model(VersionRow, "AnnexVersion")
_ANNUAL = item_model(AnnualRow, "AnnualView")

_details: dict[str, Any] = {
    "annual_view": (_ANNUAL, Field(description="Vue annuelle (budgétaire)")),
    "versions": (list[_VERSION], Field(description="Toutes les révisions de ses avenants")),  # type: ignore[valid-type]
    # The list replaces the column of that name, which is their number.
    "months": (list[MONTH], Field(description="Ses mois, et ceux déclarés hors d'elle")),  # type: ignore[valid-type]
}
DETAIL = item_model(AnnexRow, "AnnexDetail", **_details)

_STEP = item_model(StepRow, "Step")
_INPUTS = item_model(InputsRow, "AnnexInputs")
_LINE = item_model(LineRow, "Line")
_REVISION = item_model(RevisionRow, "MonthRevision")
_SUMMED = item_model(SummedRow, "SummedAnnexMonth")
_EXPLAINED_MONTH = item_model(
    AnnexMonthRow, "ExplainedMonth", **item_fields(MonthDetailRow), **item_fields(ExactRow)
)


class RsaTarget(BaseModel):
    """The bRSA target of a civil year (rule 15)."""

    year: int
    brsa_target: str | None = Field(description="Somme de ses mois", examples=["131.420000"])
    exact: str | None = Field(description="La même, exacte", examples=["119605/910"])


_figures = (list[_STEP], Field(description="Chaque chiffre : règle, formule, valeur"))  # type: ignore[valid-type]
_annex = (_INPUTS, Field(description="La version de l'annexe qui compte"))

ANNEX_EXPLANATION: Any = create_model(
    "AnnexExplanation",
    annex=_annex,
    figures=_figures,
    months=(list[_EXPLAINED_MONTH], Field(description="Ses mois, et leur apport exact")),  # type: ignore[valid-type]
    brsa_targets=(list[RsaTarget], Field(description="Objectif bRSA par année civile (ACI)")),
    declarations=(list[_VERSION], Field(description="Toutes les révisions de ses avenants")),  # type: ignore[valid-type]
)
MONTH_EXPLANATION: Any = create_model(
    "MonthExplanation",
    annex=_annex,
    month=(_EXPLAINED_MONTH, Field(description="Le mois, et son chiffre exact")),
    figures=_figures,
    rsa_amount=(
        str | None,
        Field(description="RSA (88 %) au premier du mois, en euros", examples=["568.94"]),
    ),
    lines=(list[_LINE], Field(description="Ses lignes ; l'accès est noté")),  # type: ignore[valid-type]
    declarations=(list[_REVISION], Field(description="Toutes les révisions, par source")),  # type: ignore[valid-type]
)


def sum_model(item: type[BaseModel]) -> Any:
    """The model of the explanation of a sum of annex-months."""
    return create_model(
        f"{item.__name__}Explanation",
        sum=(item, Field(description="Le chiffre expliqué")),
        figures=_figures,
        annex_months=(list[_SUMMED], Field(description="Les mois d'annexes sommés")),  # type: ignore[valid-type]
    )
