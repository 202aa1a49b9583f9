"""What the read API answers, for its OpenAPI document: the exports' columns."""

from typing import Any

from pydantic import BaseModel, Field, create_model

from services.modulation.api.scope import AMOUNTS
from services.modulation.exports.allocation import AwardRow, GroupRow
from services.modulation.exports.exits import ExitRow
from services.modulation.exports.explanations import (
    AnnexHoursRow,
    EmployeeRow,
    FigureRow,
    ShareRow,
)
from services.modulation.exports.indicators import IndicatorRow
from services.modulation.exports.territories import TerritoryRow
from shared.web.exports import item_model

_amounts: dict[str, Any] = {
    name: (int | None, Field(description="En centimes ; nul pour une SIAE", examples=[9568400]))
    for name in AMOUNTS
}
INDICATORS = item_model(IndicatorRow, "Indicators", **_amounts)
EXIT = item_model(ExitRow, "DefinitiveExit")
TERRITORY = item_model(TerritoryRow, "ModulationTerritory")
_AWARD = item_model(AwardRow, "Award")
_GROUP = item_model(GroupRow, "AllocationGroup")
_FIGURE = item_model(FigureRow, "ModulationFigure")
_EMPLOYEE = item_model(EmployeeRow, "Employee")
_ANNEX_HOURS = item_model(AnnexHoursRow, "AnnexHours")
_SHARE = item_model(ShareRow, "SocleShare")
_more: dict[str, Any] = {
    "person": (str, Field(description="Pseudonyme de la personne")),
    "contracts": (list[int], Field(description="Contrats du séjour, par embauche")),
    "success": (bool, Field(description="Son motif est dynamique")),
}
_EXPLAINED_EXIT = item_model(ExitRow, "ExplainedExit", **_more)


class Control(BaseModel):
    """A point to control."""

    code: str = Field(examples=["provisional_annex"])
    about: list[int | str] = Field(description="Annexes, contrats, personnes ou critères")


class ExactRatio(BaseModel):
    """An indicator, exact."""

    num: str | None
    den: str | None


class Hires(BaseModel):
    """Persons hired in the year, renewals left out, by who referred them."""

    prescriber: str | None = Field(description="Code de l'orienteur ; nul : non dit")
    persons: int


class ComplementaryIndicators(BaseModel):
    """Asked for by the sector; never part of a rate."""

    without_known_situations: ExactRatio
    over_450_hours: ExactRatio | None = Field(description="AI et ETTI")
    durable_exits: list[int] = Field(description="Contrats des sorties durables comptées")
    by_presence_months: dict[str, ExactRatio] = Field(
        description="Par mois de présence à la sortie, au moins ; la situation d'après manque"
    )
    hires_by_prescriber: list[Hires]
    positioned_persons: int | None = Field(description="Personnes positionnées, si déclarées")
    partner_hours: str | None = Field(description="Heures avec des partenaires, si déclarées")
    training_hours: str | None = Field(description="Heures vers la formation, si déclarées")


_socle: Any = (
    list[_SHARE] | None,  # type: ignore[valid-type]
    Field(description="Apport de chaque annexe ; nul pour une SIAE"),
)
EXPLANATION: Any = create_model(
    "ModulationExplanation",
    indicators=(INDICATORS, Field(description="Les chiffres expliqués")),
    figures=(list[_FIGURE], Field(description="Chaque chiffre : formule, valeur exacte")),  # type: ignore[valid-type]
    employees=(list[_EMPLOYEE], Field(description="Salariés ; l'accès est noté")),  # type: ignore[valid-type]
    annex_hours=(list[_ANNEX_HOURS], Field(description="Heures de l'année, par annexe")),  # type: ignore[valid-type]
    support_hours=(str | None, Field(description="Heures d'encadrement saisies")),
    exits=(list[_EXPLAINED_EXIT], Field(description="Sorties définitives de l'année")),  # type: ignore[valid-type]
    socle=_socle,
    controls=(list[Control], Field(description="Points à contrôler")),
    complementary=(ComplementaryIndicators, Field(description="Indicateurs complémentaires")),
)

_notice: Any = (str, Field(description="La fonction officielle n'est pas publiée"))
ALLOCATION: Any = create_model(
    "Allocation",
    method=(str, Field(description="Méthode et version", examples=["ratio-v1"])),
    notice=_notice,
    group=(_GROUP, Field(description="Ce que le groupe partage")),
    rows=(list[_AWARD], Field(description="Les lignes de votre périmètre")),  # type: ignore[valid-type]
)
SIDE_BY_SIDE: Any = create_model(
    "Methods",
    notice=_notice,
    methods=(list[ALLOCATION], Field(description="Le même groupe par chaque méthode")),
)
SIMULATION: Any = create_model(
    "Simulation",
    method=(str, Field(description="Méthode et version", examples=["ratio-v1"])),
    notice=_notice,
    before=(_AWARD, Field(description="Ce que la ligne obtient aujourd'hui")),
    after=(_AWARD, Field(description="Ce qu'elle obtiendrait, le reste étant égal")),
)
