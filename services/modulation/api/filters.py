"""Query parameters of the read API."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from services.modulation.domain.allocation.methods import DEFAULT_METHOD, Method
from services.modulation.domain.ratios import Ratio, Triple
from services.modulation.readers.tables import exact_number
from shared.web.pages import LARGEST_PAGE, PageRequest
from shared.web.places import DepartmentCode, RegionName

LARGEST_ID = 2**63 - 1

Type = Literal["ACI", "AI", "EI", "ETTI", "ACI_MP", "EI_MP"]
Number = Annotated[
    str,
    Field(
        pattern=r"^[0-9]{1,18}(\.[0-9]{1,18}|/[1-9][0-9]{0,17})?$",
        description="Entier, décimal ou fraction, exact",
        examples=["1966/1607"],
    ),
]


StructureId = Annotated[
    int, Field(ge=0, le=LARGEST_ID, description="Identifiant de la structure", examples=[101])
]


class OfYear(BaseModel):
    """A year of results; a parameter that does not exist is refused."""

    model_config = ConfigDict(extra="forbid")

    year: int = Field(
        ge=1,
        le=9998,
        description="Année des résultats ; l'exercice est la suivante",
        examples=[2026],
    )


class Paged(OfYear):
    """A list of a year by pages."""

    page: int = Field(1, ge=1, le=1_000_000, description="Page, à partir de 1")
    size: int = Field(100, ge=1, le=LARGEST_PAGE, description="Éléments par page")

    @property
    def request(self) -> PageRequest:
        """The page asked for."""
        return PageRequest(self.page, self.size)


class PlaceFilters(Paged):
    """Filters by place."""

    region: RegionName | None = Field(None, description="Nom de la région", examples=["Grand Est"])
    department: DepartmentCode | None = Field(
        None, description="Code du département", examples=["54"]
    )


class TerritoryFilters(PlaceFilters):
    """Filters of territories."""

    type: Type | None = Field(None, description="Type de structure, avec le régime MP")


class RowFilters(TerritoryFilters):
    """Filters of rows."""

    structure_id: StructureId | None = None


class ExitFilters(PlaceFilters):
    """Filters of exits."""

    structure_id: StructureId | None = None


class RegionFilters(OfYear):
    """The groups of a region: of one type, or of all."""

    region: RegionName = Field(description="Nom de la région", examples=["Grand Est"])
    type: Type | None = Field(None, description="Type de structure ; absent : tous")


class AllocationFilters(OfYear):
    """One group, a region and a type, and a method."""

    region: RegionName = Field(description="Nom de la région", examples=["Grand Est"])
    type: Type = Field(description="Type de structure, avec le régime MP")
    method: Method = Field(DEFAULT_METHOD, description="Méthode et version")


class SimulationFilters(OfYear):
    """Other values of one row's indicators; what is not given stays as it is."""

    method: Method = Field(DEFAULT_METHOD, description="Méthode et version")
    ind1_num: Number | None = Field(None, description="Salariés à minimum social")
    ind1_den: Number | None = Field(None, description="Salariés en insertion")
    ind2_num: Number | None = Field(None, description="ETP d'encadrement")
    ind2_den: Number | None = Field(None, description="ETP d'insertion, annuels")
    ind3_num: Number | None = Field(None, description="Sorties dynamiques")
    ind3_den: Number | None = Field(None, description="Sorties qui comptent")

    def changed(self, ratios: Triple) -> dict[int, Ratio]:
        """By criterion, the indicators that the query changes."""
        found = {}
        for criterion, ratio in enumerate(ratios, 1):
            parts = [getattr(self, f"ind{criterion}_{part}") for part in ("num", "den")]
            if parts != [None, None]:
                given = [
                    part if text is None else exact_number(text)
                    for text, part in zip(parts, ratio, strict=True)
                ]
                found[criterion] = Ratio(*given)
        return found
