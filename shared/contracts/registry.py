"""Every event type there is: its contract, its topic, its example. What is not here is unknown."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final

from shared.contracts import (
    employment_v1,
    exit_v1,
    financial_annex_v1,
    monthly_state_v1,
    structure_v1,
    support_hours_v1,
)
from shared.contracts.fields import Contract

DECLARATIONS: Final = "declarations-v1"
STRUCTURES: Final = "structures-v1"


class DocumentType(StrEnum):
    """Kinds of documents that sources declare."""

    STRUCTURE = "structure"
    FINANCIAL_ANNEX = "financial-annex"
    MONTHLY_STATE = "monthly-state"
    EMPLOYMENT = "employment"
    EXIT = "exit"
    SUPPORT_HOURS = "support-hours"


@dataclass(frozen=True, slots=True)
class Upcaster:
    """How data of a version are read as those of the next one, whose name is `into`. Pure; what
    it raises of pydantic is a contract violation of the event."""

    into: str
    data: Callable[[Any], Contract]


@dataclass(frozen=True, slots=True)
class EventType:
    """One version of one event: `name` is the envelope's `type`."""

    name: str
    document_type: DocumentType
    topic: str
    model: type[Contract]
    subject: Callable[[Any], str]
    """The natural key of a document, from its data."""
    withdrawn: bool
    upcaster: Upcaster | None = None
    """None: the current version, the one that consumers' code is written for."""


def _pair(
    kind: DocumentType,
    topic: str,
    models: tuple[type[Contract], type[Contract]],
    subject: Callable[[Any], str],
) -> tuple[EventType, EventType]:
    stem = f"fr.cadran.{kind}"
    return (
        EventType(f"{stem}.declared.v1", kind, topic, models[0], subject, withdrawn=False),
        EventType(f"{stem}.withdrawn.v1", kind, topic, models[1], subject, withdrawn=True),
    )


_TYPES = (
    *_pair(
        DocumentType.STRUCTURE,
        STRUCTURES,
        (structure_v1.StructureDeclared, structure_v1.StructureWithdrawn),
        lambda data: structure_v1.natural_key(data.structure_id),
    ),
    *_pair(
        DocumentType.FINANCIAL_ANNEX,
        DECLARATIONS,
        (financial_annex_v1.FinancialAnnexDeclared, financial_annex_v1.FinancialAnnexWithdrawn),
        lambda data: financial_annex_v1.natural_key(data.amendment_id),
    ),
    *_pair(
        DocumentType.MONTHLY_STATE,
        DECLARATIONS,
        (monthly_state_v1.MonthlyStateDeclared, monthly_state_v1.MonthlyStateWithdrawn),
        lambda data: monthly_state_v1.natural_key(data.annex_id, data.year, data.month),
    ),
    *_pair(
        DocumentType.EMPLOYMENT,
        DECLARATIONS,
        (employment_v1.EmploymentDeclared, employment_v1.EmploymentWithdrawn),
        lambda data: employment_v1.natural_key(data.contract_id),
    ),
    *_pair(
        DocumentType.EXIT,
        DECLARATIONS,
        (exit_v1.ExitDeclared, exit_v1.ExitWithdrawn),
        lambda data: exit_v1.natural_key(data.contract_id),
    ),
    *_pair(
        DocumentType.SUPPORT_HOURS,
        DECLARATIONS,
        (support_hours_v1.SupportHoursDeclared, support_hours_v1.SupportHoursWithdrawn),
        lambda data: support_hours_v1.natural_key(data.structure_id, data.kind, data.year),
    ),
)

REGISTRY: Final[Mapping[str, EventType]] = MappingProxyType({t.name: t for t in _TYPES})

_CURRENT: Final = {(t.document_type, t.withdrawn): t for t in _TYPES if t.upcaster is None}
_VERSIONED = re.compile(r"(?P<stem>fr\.cadran\.[a-z-]+\.[a-z]+)\.v[0-9]+")
_STEMS = frozenset(name.rpartition(".")[0] for name in REGISTRY)


def is_known_stem(name: str) -> bool:
    """Is `name` another version of a type of the registry?"""
    match = _VERSIONED.fullmatch(name)
    return match is not None and match["stem"] in _STEMS


def declared(kind: DocumentType) -> EventType:
    """The current declared event of a document type."""
    return _CURRENT[kind, False]


def withdrawn(kind: DocumentType) -> EventType:
    """The current withdrawn event of a document type."""
    return _CURRENT[kind, True]


def upcast(
    event: EventType, data: Contract, registry: Mapping[str, EventType]
) -> tuple[EventType, Contract]:
    """The event as its current version, through every version between: the log keeps old ones for
    ever, and no consumer's code knows them."""
    while (upcaster := event.upcaster) is not None:
        event, data = registry[upcaster.into], upcaster.data(data)
    return event, data
