"""What an event does to the rows of `modulation`: each document's revision is appended as
declared. No business rule here: the lines that count are asked of `shared.rules`.
"""

from collections.abc import Collection
from typing import Any, Final

from services.modulation.tables import METADATA, PROJECTION
from shared.contracts.employment_v1 import EmploymentDeclared, EmploymentWithdrawn
from shared.contracts.exit_v1 import ExitDeclared, ExitWithdrawn
from shared.contracts.financial_annex_v1 import FinancialAnnexDeclared, FinancialAnnexWithdrawn
from shared.contracts.monthly_state_v1 import MonthlyStateDeclared, MonthlyStateWithdrawn
from shared.contracts.registry import DocumentType
from shared.contracts.structure_v1 import StructureDeclared
from shared.contracts.support_hours_v1 import SupportHoursDeclared, SupportHoursWithdrawn
from shared.database.copy import array
from shared.database.dead_letters import Failure
from shared.database.documents import document_tables
from shared.kafka.documents import annex_row, structure_row
from shared.kafka.projection import Row
from shared.kafka.records import Event
from shared.kafka.revisions import RevisionStore
from shared.rules.measures import read_measure
from shared.rules.monthly_states import MonthLines, is_validated, month_holders

MONTH: Final = "monthly_state"
EMPLOYMENT: Final = "employment"
EXIT: Final = "employment_exit"
SUPPORT: Final = "support_hours"


class ModulationProjection(RevisionStore):
    """Structures (highest revision); every revision of all other documents."""

    def __init__(self) -> None:
        super().__init__(document_tables(METADATA, PROJECTION))

    @property
    def document_types(self) -> Collection[str]:
        """All of the registry."""
        return tuple(DocumentType)

    def project(self, event: Event) -> Row | Failure:
        """The row of an event."""
        envelope, data = event.envelope, event.data
        if isinstance(data, FinancialAnnexDeclared | FinancialAnnexWithdrawn):
            return annex_row(self, envelope, data)
        if isinstance(data, StructureDeclared | None):
            return structure_row(envelope, data)
        if (declared := _declared(data, envelope.rank)) is not None:
            table, key, values = declared
            return self.declared(table, key, envelope, values)
        table, key = _withdrawn(data)
        return self.withdrawn(table, key, envelope)


def _declared(data: Any, rank: int) -> tuple[str, tuple[Any, ...], tuple[Any, ...]] | None:
    """Table, natural key and own values of a declared document; None when it is withdrawn."""
    match data:
        case MonthlyStateDeclared():
            return MONTH, (data.annex_id, data.year, data.month), _month(data, rank)
        case EmploymentDeclared():
            return EMPLOYMENT, (data.contract_id,), _employment(data)
        case ExitDeclared():
            return EXIT, (data.contract_id,), (data.left_on, data.reason, data.category)
        case SupportHoursDeclared():
            return SUPPORT, (data.structure_id, data.kind, data.year), _support(data)
        case _:
            return None


def _withdrawn(data: Any) -> tuple[str, tuple[Any, ...]]:
    match data:
        case MonthlyStateWithdrawn():
            return MONTH, (data.annex_id, data.year, data.month)
        case EmploymentWithdrawn():
            return EMPLOYMENT, (data.contract_id,)
        case ExitWithdrawn():
            return EXIT, (data.contract_id,)
        case SupportHoursWithdrawn():
            return SUPPORT, (data.structure_id, data.kind, data.year)
    raise TypeError(type(data))


def _month(data: MonthlyStateDeclared, rank: int) -> tuple[Any, ...]:
    lines = data.lines
    state, holders = month_holders(
        MonthLines(
            [line["line_id"] for line in lines],
            [line["version"] for line in lines],
            [line["state"] for line in lines],
            [line["hours"] for line in lines],
            [line.get("contract_id") for line in lines],
            [line.get("person") for line in lines],
        )
    )
    return (
        is_validated(state, rank),
        array([holder.contract for holder in holders]),
        array([holder.person for holder in holders]),
        array([holder.hours for holder in holders]),
    )


def _employment(data: EmploymentDeclared) -> tuple[Any, ...]:
    measure = read_measure(data.measure or "")
    return (
        data.structure_id,
        data.person,
        measure.kind,
        measure.regime,
        measure.known,
        data.renewal,
        data.hired_on,
        data.ends_on,
        data.rsa,
        data.ass,
        data.aah,
        data.prescriber,
    )


def _support(data: SupportHoursDeclared) -> tuple[Any, ...]:
    return (
        data.technical_hours,
        data.support_hours,
        data.partner_hours,
        data.training_hours,
        data.positioned_persons,
    )
