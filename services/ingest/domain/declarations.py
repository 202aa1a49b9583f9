"""What a machine declares at the HTTP door: `{type, data}`, or `{type, data, withdrawn: true}`.

The data are those of the events, but for persons: a declaration names one by NIR or by the ASP's
person id, and the door alone makes the pseudonym. Reading is strict: an unknown field, a number
written as text, a date with a time are refused.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Annotated, Any, Final, NotRequired, Required

from pydantic import Field, ValidationError, create_model
from pydantic_core import to_json
from typing_extensions import TypedDict

from services.ingest.domain.declared_months import DeclaredMonth, Line
from services.ingest.domain.keys import DocumentKey, month_period, support_period
from shared.contracts.employment_v1 import EmploymentDeclared
from shared.contracts.exit_v1 import ExitDeclared
from shared.contracts.fields import Contract, Count, DecimalText, Id, Month, Text, Year
from shared.contracts.financial_annex_v1 import FinancialAnnexDeclared
from shared.contracts.monthly_state_v1 import MonthlyStateState
from shared.contracts.registry import DocumentType, withdrawn
from shared.contracts.structure_v1 import StructureDeclared
from shared.contracts.support_hours_v1 import SupportHoursDeclared
from shared.web.faults import Fault, faults, path_of

LONGEST_MONTH: Final = 10_000
"""Lines of one month: the nation's largest has some hundreds."""

PersonId = Annotated[Id, Field(description="The ASP's id of the person; never published")]


class DeclaredLine(TypedDict):
    """One employee's month on one contract; without contract `person_id` says whose it is."""

    line_id: Required[Id]
    version: Required[Count]
    state: Required[MonthlyStateState]
    hours: Required[DecimalText]
    asp_etp: NotRequired[DecimalText | None]
    contract_id: NotRequired[Id | None]
    person_id: NotRequired[PersonId | None]


class MonthDeclaration(Contract):
    """The whole month of an annex: a later declaration replaces it whole."""

    annex_id: Id
    year: Year
    month: Month
    lines: Annotated[list[DeclaredLine], Field(min_length=1, max_length=LONGEST_MONTH)]


def _without(model: type[Contract], *names: str, **more: Any) -> type[Contract]:
    """The declaration of an event: its fields but `names`, which the door makes."""
    kept = {
        name: (field.annotation, field)
        for name, field in model.model_fields.items()
        if name not in names
    }
    made: type[Contract] = create_model(
        model.__name__.replace("Declared", "Declaration"),
        __base__=Contract,
        __doc__=model.__doc__,
        **{**more, **kept},
    )
    return made


_NIR = Field(None, description="With or without key; hashed at the door, never kept")

DECLARATIONS: Final[Mapping[DocumentType, type[Contract]]] = MappingProxyType(
    {
        DocumentType.STRUCTURE: StructureDeclared,
        DocumentType.FINANCIAL_ANNEX: _without(FinancialAnnexDeclared, "rsa_amounts"),
        DocumentType.MONTHLY_STATE: MonthDeclaration,
        DocumentType.EMPLOYMENT: _without(
            EmploymentDeclared,
            "person",
            "hash_key_id",
            nir=(Text | None, _NIR),
            person_id=(PersonId | None, None),
        ),
        DocumentType.EXIT: ExitDeclared,
        DocumentType.SUPPORT_HOURS: SupportHoursDeclared,
    }
)


@dataclass(frozen=True)
class Declaration:
    """A declaration as read. `data` is of the type's model, a `DeclaredMonth` of a monthly state,
    or its key alone when withdrawn."""

    type: DocumentType
    data: Any
    withdrawn: bool

    @cached_property
    def key(self) -> DocumentKey:
        """The natural key of what is declared or withdrawn."""
        match self.type:
            case DocumentType.STRUCTURE:
                return (self.data.structure_id, 0)
            case DocumentType.FINANCIAL_ANNEX:
                return (self.data.amendment_id, 0)
            case DocumentType.MONTHLY_STATE:
                return (self.data.annex_id, month_period(self.data.year, self.data.month))
            case DocumentType.EMPLOYMENT | DocumentType.EXIT:
                return (self.data.contract_id, 0)
            case DocumentType.SUPPORT_HOURS:
                return (self.data.structure_id, support_period(self.data.year, self.data.kind))


@dataclass(frozen=True, slots=True)
class Refused:
    """A declaration that is refused for what it says; `type` is empty when it is not known."""

    type: str
    errors: tuple[Fault, ...]


def read_declaration(raw: object) -> Declaration | Refused:
    """A parsed JSON value as a declaration, or all that is wrong with its form."""
    if not isinstance(raw, dict):
        return Refused("", (Fault("invalid-value", "", "Un objet {type, data} est attendu."),))
    known = raw.get("type")
    kind = KINDS.get(known) if isinstance(known, str) else None
    wrong = tuple(_members(raw, kind))
    if kind is None or wrong:
        return Refused("" if kind is None else kind.value, wrong)
    gone = raw.get("withdrawn", False)
    model = withdrawn(kind).model if gone else DECLARATIONS[kind]
    try:
        data = (
            model.model_validate(raw["data"], strict=True, extra="forbid")
            if kind in _WITHOUT_DATES
            else model.model_validate_json(to_json(raw["data"]), strict=True, extra="forbid")
        )
    except ValidationError as error:
        found = error.errors(include_input=False, include_url=False)
        placed = ({**fault, "loc": ("data", *fault["loc"])} for fault in found)
        return Refused(kind.value, faults(placed))
    return Declaration(kind, _as_read(data), gone)


def _as_read(data: Contract) -> Contract | DeclaredMonth:
    if not isinstance(data, MonthDeclaration):
        return data
    lines = [Line(**line) for line in data.lines]
    return DeclaredMonth(annex_id=data.annex_id, year=data.year, month=data.month, lines=lines)


KINDS: Final = {kind.value: kind for kind in DocumentType}
_WITHOUT_DATES: Final = frozenset({DocumentType.MONTHLY_STATE})
"""What strict reading takes from parsed values as from JSON, where a date is a text. Of the others,
which are small, the data go back to JSON."""


def _members(raw: Mapping[str, object], kind: DocumentType | None) -> Iterator[Fault]:
    """What is wrong with the members of the object, its data aside."""
    for name in raw.keys() - {"type", "data", "withdrawn"}:
        yield Fault("unknown-field", path_of([name]), "Ce champ n'existe pas.")
    for name in ("type", "data"):
        if name not in raw:
            yield Fault("missing-value", name, "Valeur obligatoire.")
    if "type" in raw and kind is None:
        yield Fault("unknown-type", "type", f"Types possibles : {', '.join(DocumentType)}.")
    if not isinstance(raw.get("withdrawn", False), bool):
        yield Fault("invalid-value", "withdrawn", "true ou false est attendu.")
