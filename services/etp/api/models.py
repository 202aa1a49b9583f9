"""What the read API answers, for its OpenAPI document: the exports' columns."""

from typing import Any

from pydantic import BaseModel, Field, create_model

from services.etp.exports.aggregates import StructureRow, TerritoryRow
from services.etp.exports.annexes import AnnexMonthRow, AnnexRow
from services.etp.exports.history import AnnualRow, VersionRow
from shared.web.exports import item_model
from shared.web.pages import Page

ANNEX = item_model(AnnexRow, "Annex")
MONTH = item_model(AnnexMonthRow, "AnnexMonth")
STRUCTURE = item_model(StructureRow, "StructureMonth")
TERRITORY = item_model(TerritoryRow, "TerritoryMonth")
_VERSION = item_model(VersionRow, "AnnexVersion")
_ANNUAL = item_model(AnnualRow, "AnnualView")

_details: dict[str, Any] = {
    "annual_view": (_ANNUAL, Field(description="Vue annuelle (budgétaire)")),
    "versions": (list[_VERSION], Field(description="Toutes les révisions de ses avenants")),  # type: ignore[valid-type]
    # The list replaces the column of that name, which is their number.
    "months": (list[MONTH], Field(description="Ses mois, et ceux déclarés hors d'elle")),  # type: ignore[valid-type]
}
DETAIL = item_model(AnnexRow, "AnnexDetail", **_details)


def page_model(item: type[BaseModel]) -> Any:
    """The model of a list of `item` by pages."""
    name = f"{item.__name__}Page"
    return create_model(name, __base__=Page[Any], items=(list[item], ...))  # type: ignore[valid-type]
