"""Natural keys: as ingest's table holds them, as envelopes write them, as withdrawals bear them."""

from typing import Final, get_args

from shared.contracts import monthly_state_v1, support_hours_v1
from shared.contracts.employment_v1 import EmploymentWithdrawn
from shared.contracts.exit_v1 import ExitWithdrawn
from shared.contracts.fields import Contract
from shared.contracts.financial_annex_v1 import FinancialAnnexWithdrawn
from shared.contracts.monthly_state_v1 import MonthlyStateWithdrawn
from shared.contracts.registry import DocumentType
from shared.contracts.structure_v1 import StructureWithdrawn
from shared.contracts.support_hours_v1 import SupportedKind, SupportHoursWithdrawn

DocumentKey = tuple[int, int]
"""(id, period). The period is year × 100 + month for a monthly state, year × 10 + rank of the kind
for support hours, else 0."""

OF_ANNEXES: Final = frozenset({DocumentType.FINANCIAL_ANNEX, DocumentType.MONTHLY_STATE})
"""Documents that hang on an annex, whose owner may change; the others hang on a structure."""

_KINDS: Final[tuple[SupportedKind, ...]] = get_args(SupportedKind)


def month_period(year: int, month: int) -> int:
    """The period of a monthly state."""
    return year * 100 + month


def support_period(year: int, kind: SupportedKind) -> int:
    """The period of a year's support hours of one kind."""
    return year * 10 + _KINDS.index(kind)


def natural_key(kind: DocumentType, key: DocumentKey) -> str:
    """The natural key as envelopes write it."""
    identifier, period = key
    match kind:
        case DocumentType.MONTHLY_STATE:
            return monthly_state_v1.natural_key(identifier, *divmod(period, 100))
        case DocumentType.SUPPORT_HOURS:
            year, rank = divmod(period, 10)
            return support_hours_v1.natural_key(identifier, _KINDS[rank], year)
        case _:
            return str(identifier)


def withdrawn_data(kind: DocumentType, key: DocumentKey, parent: int) -> Contract:
    """What a withdrawal says of the document that it ends: its key."""
    identifier, period = key
    match kind:
        case DocumentType.STRUCTURE:
            return StructureWithdrawn(structure_id=identifier)
        case DocumentType.FINANCIAL_ANNEX:
            return FinancialAnnexWithdrawn(amendment_id=identifier, annex_id=parent)
        case DocumentType.MONTHLY_STATE:
            year, month = divmod(period, 100)
            return MonthlyStateWithdrawn(annex_id=identifier, year=year, month=month)
        case DocumentType.EMPLOYMENT:
            return EmploymentWithdrawn(contract_id=identifier)
        case DocumentType.EXIT:
            return ExitWithdrawn(contract_id=identifier)
        case DocumentType.SUPPORT_HOURS:
            year, rank = divmod(period, 10)
            return SupportHoursWithdrawn(structure_id=identifier, kind=_KINDS[rank], year=year)
