"""What an event does to the rows of `etp`: each document's revision is appended as declared.

No business rule here: the hours that count are asked of `shared.rules`. What combines documents
is SQL over the highest revisions (queries.py).
"""

import json
from collections.abc import Collection
from typing import Final

from services.etp.domain.asp import asp_figures
from services.etp.tables import METADATA, PROJECTION
from shared.contracts.employment_v1 import EmploymentDeclared, EmploymentWithdrawn
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
RSA: Final = "employment_rsa"


class EtpProjection(RevisionStore):
    """Structures (highest revision); annex versions, monthly states and the RSA status of
    contracts (every revision)."""

    def __init__(self) -> None:
        super().__init__(document_tables(METADATA, PROJECTION))

    @property
    def document_types(self) -> Collection[str]:
        """What `etp` uses."""
        return (
            DocumentType.STRUCTURE,
            DocumentType.FINANCIAL_ANNEX,
            DocumentType.MONTHLY_STATE,
            DocumentType.EMPLOYMENT,
        )

    def project(self, event: Event) -> Row | Failure:
        """The row of an event."""
        envelope, data = event.envelope, event.data
        if isinstance(data, EmploymentDeclared):
            return self.declared(RSA, (data.contract_id,), envelope, (data.structure_id, data.rsa))
        if isinstance(data, MonthlyStateDeclared):
            return self._month(envelope, data)
        if isinstance(data, MonthlyStateWithdrawn):
            return self.withdrawn(MONTH, (data.annex_id, data.year, data.month), envelope)
        if isinstance(data, FinancialAnnexDeclared | FinancialAnnexWithdrawn):
            return annex_row(self, envelope, data, _rsa_amounts(data))
        if isinstance(data, EmploymentWithdrawn):
            return self.withdrawn(RSA, (data.contract_id,), envelope)
        return structure_row(envelope, data if isinstance(data, StructureDeclared) else None)

    def _month(self, envelope: Envelope, data: MonthlyStateDeclared) -> Row:
        lines = data.lines
        ids = [line["line_id"] for line in lines]
        versions = [line["version"] for line in lines]
        states = [line["state"] for line in lines]
        hours = [line["hours"] for line in lines]
        contracts = [line.get("contract_id") for line in lines]
        persons = [line.get("person") for line in lines]
        asp_etp = [line.get("asp_etp") for line in lines]
        month = MonthLines(ids, versions, states, hours, contracts, persons)
        figures = month_figures(month)
        values = (
            figures.state,
            figures.mixed_states,
            figures.lines,
            figures.hours,
            array(ids),
            array(versions),
            array(states),
            array(hours),
            array(asp_etp),
            array(contracts),
            array(persons),
            *asp_figures(month, figures, asp_etp),
        )
        return self.declared(MONTH, (data.annex_id, data.year, data.month), envelope, values)


def _rsa_amounts(data: FinancialAnnexDeclared | FinancialAnnexWithdrawn) -> str | None:
    if isinstance(data, FinancialAnnexWithdrawn) or data.rsa_amounts is None:
        return None
    return json.dumps([amount.model_dump(mode="json") for amount in data.rsa_amounts])
