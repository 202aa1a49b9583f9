"""A small territory whose shares are those of the rules' worked example.

Grand Est, ACI, 2026: structure 1 (département 54) with indicators 3/5, 3/10, 1/2 and structure 2
(57) with 1/5, 1/10, 1/2; 100,000 € each, a fifth of them the département's. Of Corse, an EI.
"""

from collections.abc import Iterator
from datetime import date

from shared.contracts.employment_v1 import EmploymentDeclared
from shared.contracts.exit_v1 import ExitDeclared
from shared.contracts.fields import Contract
from shared.contracts.financial_annex_v1 import AnnexState, FinancialAnnexDeclared
from shared.contracts.monthly_state_v1 import MonthlyStateDeclared
from shared.contracts.structure_v1 import StructureDeclared
from shared.contracts.support_hours_v1 import SupportHoursDeclared

PERSONS = 5


def territory() -> Iterator[Contract]:
    """Every declaration of the territory."""
    yield from siae(1, "ACI054260001", "54395", poor=3, support="2730")
    yield from siae(2, "ACI057260001", "57463", poor=1, support="910")
    yield from siae(9, "EI02A260001", "2A004", poor=0, support=None)


def siae(
    structure: int,
    number: str,
    insee: str,
    *,
    poor: int,
    support: str | None,
    year: int = 2026,
) -> Iterator[Contract]:
    """A structure with one annex, five full-time persons, of whom two leave: one well."""
    kind = number[:3].rstrip("0")
    base = {"ACI": "1820", "EI": "1505"}[kind]
    yield StructureDeclared(structure_id=structure, insee_code=insee)
    yield annex(structure, number, f"{kind}_DC", base, year=year)
    yield MonthlyStateDeclared(
        annex_id=structure,
        year=year,
        month=6,
        lines=[
            {
                "line_id": 100 * structure + place,
                "version": 1,
                "state": "VALIDE",
                "hours": base,
                "contract_id": 10 * structure + place,
            }
            for place in range(PERSONS)
        ],
    )
    for place in range(PERSONS):
        yield employment(
            structure, place, f"{kind}_DC", rsa="OUI-M" if place < poor else "NON", year=year
        )
    for place, reason in ((0, "EMBAUCHE EN CDI NON AIDE PAR UN AUTRE EMPLOYEUR"), (1, "INACTIF")):
        yield ExitDeclared(
            contract_id=10 * structure + place,
            structure_id=structure,
            left_on=date(year, 11, 30),
            reason=reason,
        )
    if support is not None:
        yield SupportHoursDeclared(
            structure_id=structure,
            kind="ACI",
            year=year,
            technical_hours=support,
            support_hours="0",
            partner_hours="12.5",
            positioned_persons=9,
        )


def annex(
    structure: int,
    number: str,
    measure: str,
    base: str,
    *,
    state: AnnexState = "VALIDE",
    year: int = 2026,
) -> FinancialAnnexDeclared:
    """The annex of a structure for a year."""
    return FinancialAnnexDeclared(
        amendment_id=10 * structure,
        annex_id=structure,
        structure_id=structure,
        annex_number=number,
        measure=measure,
        renewal=0,
        amendment=0,
        state=state,
        starts_on=date(year, 1, 1),
        ends_on=date(year, 12, 31),
        contracted_etp="5",
        hours_base=base,
        unit_amount="20000",
        total_amount="100000",
        cofinanced_amount="20000",
    )


def employment(structure: int, place: int, measure: str, rsa: str, year: int) -> EmploymentDeclared:
    """The contract of a person, hired early in the year."""
    return EmploymentDeclared(
        contract_id=10 * structure + place,
        structure_id=structure,
        person=f"{10 * structure + place:032x}",
        measure=measure,
        renewal=0,
        hired_on=date(year, 1, 2),
        rsa=rsa,
        prescriber="FT" if place else None,
    )
