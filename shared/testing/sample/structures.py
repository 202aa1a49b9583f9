"""The structures of the sample: identity, department, and the sites where they employ."""

from dataclasses import dataclass
from functools import cache
from random import Random

from shared.reference.departments import departments
from shared.testing.sample.catalog import (
    FEW_STRUCTURES,
    KINDS,
    NO_STRUCTURE,
    POPULOUS,
    SECOND_KIND,
    SHOWCASE,
    Kind,
)
from shared.testing.sample.identity import siret, structure_name
from shared.testing.sample.layouts import Row
from shared.testing.sample.months import feed_day
from shared.testing.sample.request import SampleRequest
from shared.testing.sample.seeding import chance, stream

FIRST_STRUCTURE_ID = 1_000
COMMUNES = 80


@dataclass(frozen=True, slots=True)
class Site:
    """One kind and regime of a structure; `rank` tells the sites of a structure apart."""

    kind: Kind
    prison: bool
    rank: int

    @property
    def measure(self) -> str:
        """`ACI_DC`, `EI_MP`…"""
        return f"{self.kind.code}_{'MP' if self.prison else 'DC'}"


@dataclass(frozen=True, slots=True)
class Structure:
    """Structure `number` (1, 2…) of a seed: the same however many structures the sample has."""

    number: int
    department: str
    commune: int
    sites: tuple[Site, ...]

    @property
    def id(self) -> int:
        """The feed's structure id."""
        return FIRST_STRUCTURE_ID + self.number

    @property
    def insee(self) -> str:
        """The INSEE code of its commune, 5 characters."""
        return f"{self.department}{self.commune:0{5 - len(self.department)}d}"

    def identifier(self, rank: int, size: int = 100_000) -> int:
        """An id of the feed that no other structure of the sample has."""
        if not 0 <= rank < size:
            raise OverflowError(f"structure {self.number}: id {rank}")
        return self.number * size + rank


def draw_structure(seed: int, number: int) -> Structure:
    """Structure `number` of the sample."""
    rng = stream(seed, "structure", number)
    codes = _department_draw()
    department = codes[int(rng.random() * len(codes))]
    commune = 1 + int(rng.random() * COMMUNES)
    measures = SHOWCASE[number - 1] if number <= len(SHOWCASE) else _measures(rng)
    sites = tuple(
        Site(KINDS[measure[:-3]], measure.endswith("MP"), rank)
        for rank, measure in enumerate(measures)
    )
    return Structure(number, department, commune, sites)


def _measures(rng: Random) -> tuple[str, ...]:
    drawn = rng.random() * sum(kind.weight for kind in KINDS.values())
    code = next(iter(KINDS))
    for kind in KINDS.values():
        code = kind.code
        drawn -= kind.weight
        if drawn < 0:
            break
    if code in ("ACI", "EI") and chance(rng, 60):
        return (f"{code}_MP",) if chance(rng, 2) else (f"{code}_DC", f"{code}_MP")
    if code in SECOND_KIND and chance(rng, 30):
        return (f"{code}_DC", f"{SECOND_KIND[code]}_DC")
    return (f"{code}_DC",)


@cache
def _department_draw() -> tuple[str, ...]:
    codes = sorted(set(departments()) - NO_STRUCTURE)
    return tuple(code for code in codes for _ in range(_weight(code)))


def _weight(department: str) -> int:
    return 1 if department in FEW_STRUCTURES else 6 * dict(POPULOUS).get(department, 1)


def structure_row(structure: Structure, request: SampleRequest) -> Row:
    """Its row of the view Structure."""
    number = structure.number
    key = siret(number)
    return {
        "structure_date_creation": feed_day(request.first_month - 24 - number % 36, 10),
        "structure_date_modification": feed_day(request.last_month, 1 + number % 28),
        "structure_id_siae": str(structure.id),
        "structure_siret_signature": key,
        "structure_siret_actualise": key,
        "structure_denomination": structure_name(request.seed, number),
        "structure_adresse_admin_commune": f"COMMUNE FICTIVE {structure.commune}",
        "structure_adresse_admin_code_insee": structure.insee,
        "structure_adresse_mail_corresp_technique": f"contact{structure.id}@example.org",
        "structure_adresse_nom_corresp_technique": f"ZZCONTACT{structure.id}",
        "structure_adresse_prenom_corresp_technique": "ZZPRENOM",
    }
