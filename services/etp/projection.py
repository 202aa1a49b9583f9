"""What an event does to the rows of `etp`: each document's revision is appended as declared.

No business rule here: the hours that count are asked of `shared.rules`. What combines documents
is SQL over the highest revisions (queries.py).
"""

from collections.abc import Collection
from typing import Final

from services.etp.tables import METADATA, PROJECTION
from shared.contracts.envelope import Envelope
from shared.contracts.financial_annex_v1 import FinancialAnnexDeclared, FinancialAnnexWithdrawn
from shared.contracts.monthly_state_v1 import MonthlyStateDeclared, MonthlyStateWithdrawn
from shared.contracts.registry import DocumentType
from shared.contracts.structure_v1 import StructureDeclared
from shared.database.copy import array
from shared.database.dead_letters import Failure
from shared.database.documents import document_tables
from shared.kafka.documents import annex_row, structure_row
from shared.kafka.projection import Row
from shared.kafka.records import Event
from shared.kafka.revisions import RevisionStore
from shared.rules.monthly_states import MonthLines, month_figures

MONTH: Final = "monthly_state"


class EtpProjection(RevisionStore):
    """Structures (highest revision), annex versions and monthly states (every revision)."""

    def __init__(self) -> None:
        super().__init__(document_tables(METADATA, PROJECTION))

    @property
    def document_types(self) -> Collection[str]:
        """What `etp` uses."""
        return (
            DocumentType.STRUCTURE,
            DocumentType.FINANCIAL_ANNEX,
            DocumentType.MONTHLY_STATE,
        )

    def project(self, event: Event) -> Row | Failure:
        """The row of an event."""
        envelope, data = event.envelope, event.data
        if isinstance(data, MonthlyStateDeclared):
            return self._month(envelope, data)
        if isinstance(data, MonthlyStateWithdrawn):
            return self.withdrawn(MONTH, (data.annex_id, data.year, data.month), envelope)
        if isinstance(data, FinancialAnnexDeclared | FinancialAnnexWithdrawn):
            return annex_row(self, envelope, data)
        return structure_row(envelope, data if isinstance(data, StructureDeclared) else None)

    def _month(self, envelope: Envelope, data: MonthlyStateDeclared) -> Row:
        lines = data.lines
        ids = [line["line_id"] for line in lines]
        versions = [line["version"] for line in lines]
        states = [line["state"] for line in lines]
        hours = [line["hours"] for line in lines]
        contracts = [line.get("contract_id") for line in lines]
        persons = [line.get("person") for line in lines]
        figures = month_figures(MonthLines(ids, versions, states, hours, contracts, persons))
        values = (
            figures.state,
            figures.mixed_states,
            figures.lines,
            figures.hours,
            array(ids),
            array(versions),
            array(states),
            array(hours),
            array([line.get("asp_etp") for line in lines]),
            array(contracts),
            array(persons),
        )
        return self.declared(MONTH, (data.annex_id, data.year, data.month), envelope, values)
