"""What the nation of SIAE looks like, kind by kind: orders of magnitude, not statistics."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Kind:
    """How a kind of SIAE employs.

    `weight` structures of about 4,600; hours base in hours of one yearly ETP and the id of its row
    in RefMontantIae; E from a log-normal of median `posts` (monthly ETP) and `spread`; `hours`
    median hours of an employee in a month, between `least_hours` and `most_hours`, spread alike;
    `season` the activity of January to December, 100 being usual; `stay` and
    `contract` mean lengths in months.
    """

    code: str
    weight: int
    hours_base: int
    hours_base_id: int
    tariff: str
    posts: int
    spread: float
    hours: int
    hours_spread: float
    least_hours: int
    most_hours: int
    season: tuple[int, ...]
    stay: int
    contract: int
    minimum_income_percent: int
    cofinanced_percent: int


_FLAT = (99, 99, 100, 100, 101, 101, 100, 98, 101, 101, 100, 100)
_BUILDING = (92, 95, 100, 102, 103, 104, 101, 94, 104, 104, 102, 94)
_SUMMER = (88, 90, 94, 98, 103, 110, 120, 114, 103, 98, 94, 90)
_TEMPORARY = (88, 91, 99, 101, 103, 108, 108, 100, 108, 107, 101, 78)

KINDS = {
    kind.code: kind
    for kind in (
        Kind("ACI", 2060, 1820, 11, "ACI", 15, 0.55, 109, 0.12, 40, 151, _FLAT, 16, 9, 62, 60),
        Kind("EI", 1400, 1505, 15, "EI", 11, 0.65, 118, 0.15, 50, 151, _BUILDING, 16, 9, 38, 0),
        Kind("AI", 640, 1607, 12, "AI", 19, 0.60, 31, 0.60, 2, 130, _SUMMER, 22, 24, 30, 0),
        Kind("ETTI", 420, 1600, 13, "ETTI", 29, 0.60, 68, 0.45, 7, 151, _TEMPORARY, 13, 14, 28, 0),
        Kind("EITI", 60, 1505, 18, "EITI", 11, 0.50, 95, 0.30, 20, 150, _FLAT, 14, 18, 55, 0),
        Kind("ACIPA", 8, 1820, 11, "ACI", 5, 0.40, 109, 0.10, 40, 151, _FLAT, 12, 8, 50, 0),
        Kind("EIPA", 12, 1505, 15, "EI", 5, 0.40, 118, 0.10, 50, 151, _BUILDING, 12, 8, 40, 0),
    )
}

SHOWCASE: tuple[tuple[str, ...], ...] = (
    ("ACI_DC",),
    ("EI_DC",),
    ("AI_DC",),
    ("ETTI_DC",),
    ("ACI_DC", "EI_DC"),
    ("EITI_DC",),
    ("ACI_MP",),
    ("EI_DC", "EI_MP"),
    ("ACIPA_DC",),
    ("EIPA_DC",),
    ("AI_DC", "ETTI_DC"),
)
"""The measures of the first structures, so that a sample of a dozen shows every kind."""

SECOND_KIND = {"ACI": "EI", "EI": "ACI", "AI": "ETTI", "ETTI": "AI"}

POPULOUS = (
    ("59", 7), ("13", 5), ("75", 4), ("93", 4), ("69", 4), ("62", 4), ("33", 4), ("44", 4),
    ("31", 3), ("34", 3), ("76", 3), ("38", 3), ("35", 3), ("67", 3), ("974", 3), ("77", 2),
    ("94", 2), ("92", 2), ("91", 2), ("78", 2), ("95", 2), ("06", 2), ("83", 2), ("29", 2),
    ("57", 2), ("42", 2), ("63", 2), ("54", 2), ("80", 2), ("49", 2), ("30", 2), ("68", 2),
)  # fmt: skip
"""Departments that weigh more than one, by their number of structures."""
NO_STRUCTURE = {"984", "986", "987", "988", "989"}
"""Territories of the referential where the aide au poste does not exist."""
FEW_STRUCTURES = {"975", "977", "978"}
"""Territories with a handful of structures at most."""
