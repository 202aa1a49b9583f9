"""Query parameters of the read API, and what they select within the caller's scope."""

from datetime import UTC, datetime
from typing import Annotated, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from services.etp.domain.consumption import ConsumptionClass
from services.etp.queries.selection import Selection, Window
from shared.auth.roles import AnnexScope, Reach
from shared.contracts.ids import microseconds
from shared.database.reads import LATEST
from shared.reference.departments import regions
from shared.rules.measures import Kind
from shared.web.as_of import AsOfError, read_as_of
from shared.web.pages import LARGEST_PAGE, PageRequest
from shared.web.places import DepartmentCode, RegionName

LARGEST_ID = 2**63 - 1
Member = TypeVar("Member", int, str)


def _known_instant(text: str) -> datetime:
    try:
        return read_as_of(text, datetime.now(UTC))
    except AsOfError as error:
        # The kind alone: the message of a fault is found by it (`shared.web.faults`).
        raise PydanticCustomError(error.kind, "refused") from None


class AsOf(BaseModel):
    """What was known at an instant; a parameter that does not exist is refused."""

    model_config = ConfigDict(extra="forbid")

    as_of: Annotated[datetime, BeforeValidator(_known_instant)] | None = Field(
        None,
        description="Ce qui était reçu à cet instant, passé ; sans décalage horaire, il est en UTC"
        " (maintenant par défaut)",
        examples=["2026-11-10T00:00:00Z"],
    )

    @property
    def revision(self) -> int:
        """The highest revision to read."""
        return LATEST if self.as_of is None else microseconds(self.as_of)


MonthText = Annotated[
    str,
    Field(
        pattern=r"^[0-9]{4}-(0[1-9]|1[0-2])$",
        description="Mois, AAAA-MM",
        examples=["2026-03"],
    ),
]


class AnnexExplained(AsOf):
    """The figures of an annex, or those of one of its months."""

    month: MonthText | None = None


class StructureExplained(AsOf):
    """A month of one kind of a structure."""

    kind: Kind = Field(description="Type de SIAE")
    month: MonthText


class TerritoryExplained(StructureExplained):
    """A month of one kind in a department."""

    department: DepartmentCode | None = Field(
        None, description="Code du département ; absent : le département inconnu", examples=["54"]
    )


def year_and_month(text: str) -> tuple[int, int]:
    """`2026-03` → 2026, 3."""
    return int(text[:4]), int(text[5:])


class MonthFilters(AsOf):
    """A list by pages, for a year or for all."""

    page: int = Field(1, ge=1, le=1_000_000, description="Page, à partir de 1")
    size: int = Field(100, ge=1, le=LARGEST_PAGE, description="Éléments par page")
    year: int | None = Field(None, ge=1, le=9999, description="Année civile", examples=[2026])

    @property
    def window(self) -> Window:
        """The rows of the page asked for."""
        return Window(self.size, self.request.offset)

    @property
    def request(self) -> PageRequest:
        """The page asked for."""
        return PageRequest(self.page, self.size)


class TerritoryFilters(MonthFilters):
    """Filters of territories."""

    kind: Kind | None = Field(None, description="Type de SIAE")
    region: RegionName | None = Field(None, description="Nom de la région", examples=["Grand Est"])
    department: DepartmentCode | None = Field(
        None, description="Code du département", examples=["54"]
    )


class StructureFilters(TerritoryFilters):
    """Filters of structures."""

    structure_id: int | None = Field(
        None, ge=0, le=LARGEST_ID, description="Identifiant de la structure"
    )


class AnnexFilters(StructureFilters):
    """Filters of annexes."""

    class_: ConsumptionClass | None = Field(
        None, alias="class", description="Classe de consommation"
    )


def select(
    scope: AnnexScope,
    filters: AsOf,
    annexes: tuple[int, ...] | None = None,
    structure_id: int | None = None,
) -> Selection:
    """What `filters` and a path ask for, within what `scope` may read."""
    asked = {"structure_id": structure_id, **filters.model_dump()}
    areas = scope.departments if scope.reach in {Reach.DEPARTMENTS, Reach.NONE} else None
    owners = scope.structures if scope.reach is Reach.STRUCTURES else None
    if (region := asked.get("region")) is not None:
        areas = _within(areas, regions()[region])
    if (department := asked.get("department")) is not None:
        areas = _within(areas, frozenset({department}))
    if (structure := asked.get("structure_id")) is not None:
        owners = _within(owners, frozenset({structure}))
    return Selection(filters.revision, asked.get("year"), asked.get("kind"), areas, owners, annexes)


def _within(allowed: frozenset[Member] | None, asked: frozenset[Member]) -> frozenset[Member]:
    return asked if allowed is None else allowed & asked
