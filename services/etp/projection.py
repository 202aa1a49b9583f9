"""What an event does to the rows of `etp`: each document's revision is appended as declared.

No business rule here: kinds, departments and hours that count are asked of the domain. What
combines documents is SQL over the highest revisions (queries.py).
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from services.etp.domain.departments import annex_department
from services.etp.domain.measures import WITHOUT_POSTS, Measure, is_counted, read_measure
from services.etp.domain.monthly_states import MonthLines, month_figures
from services.etp.tables import METADATA, PROJECTION
from shared.contracts.envelope import Envelope
from shared.contracts.financial_annex_v1 import FinancialAnnexDeclared, FinancialAnnexWithdrawn
from shared.contracts.monthly_state_v1 import MonthlyStateDeclared, MonthlyStateWithdrawn
from shared.contracts.registry import DocumentType
from shared.contracts.structure_v1 import StructureDeclared
from shared.database.copy import array, copy_rows
from shared.database.dead_letters import Failure, FailureKind
from shared.database.types import Connection
from shared.kafka.projection import Row, RowKey
from shared.kafka.records import Event
from shared.reference.departments import department_of_insee

STRUCTURE: Final = "structure"
ANNEX: Final = "financial_annex_version"
MONTH: Final = "monthly_state"
COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    name: tuple(column.name for column in METADATA.tables[f"{PROJECTION}.{name}"].columns)
    for name in (STRUCTURE, ANNEX, MONTH)
}
_STAGING = "structure_staging"

_KNOWN: Final = {
    STRUCTURE: (
        "SELECT structure_id, revision FROM structure WHERE structure_id = ANY($1::bigint[])"
    ),
    ANNEX: (
        "SELECT amendment_id, source, revision, revision FROM financial_annex_version"
        " JOIN unnest($1::bigint[], $2::text[], $3::bigint[])"
        " AS asked (amendment_id, source, revision) USING (amendment_id, source, revision)"
    ),
    MONTH: (
        "SELECT annex_id, year, month, source, revision, revision FROM monthly_state"
        " JOIN unnest($1::bigint[], $2::smallint[], $3::smallint[], $4::text[], $5::bigint[])"
        " AS asked (annex_id, year, month, source, revision)"
        " USING (annex_id, year, month, source, revision)"
    ),
}


class EtpProjection:
    """Structures (highest revision), annex versions and monthly states (every revision)."""

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
            return _month(envelope, data)
        if isinstance(data, FinancialAnnexDeclared):
            return _annex(envelope, data)
        if isinstance(data, StructureDeclared):
            return _structure(envelope, data)
        if isinstance(data, MonthlyStateWithdrawn):
            key = (data.annex_id, data.year, data.month)
            return _appended(MONTH, key, envelope, withdrawn=True, values=())
        if isinstance(data, FinancialAnnexWithdrawn):
            return _appended(
                ANNEX,
                (data.amendment_id,),
                envelope,
                withdrawn=True,
                values=(data.annex_id,),
            )
        return _structure_withdrawn(envelope)

    async def load(self, connection: Connection, rows: Sequence[Row]) -> dict[RowKey, int]:
        """The revision already held of each row's key, one query a table."""
        known: dict[RowKey, int] = {}
        for table, asked in _by_table(rows).items():
            columns = zip(*(row.key for row in asked), strict=True)
            found = await connection.fetch(_KNOWN[table], *(list(column) for column in columns))
            known.update({(table, tuple(row[:-1])): row[-1] for row in found})
        return known

    async def stage(self, connection: Connection, rows: Sequence[Row]) -> None:
        """Structures are merged, so they go to a temporary table first."""
        structures = _latest(_by_table(rows).get(STRUCTURE, ()))
        if not structures:
            return
        await connection.execute(
            f"CREATE TEMPORARY TABLE {_STAGING} (LIKE structure) ON COMMIT DROP"
        )
        values = [row.values for row in structures]
        await copy_rows(connection, _STAGING, COLUMNS[STRUCTURE], values)

    async def write(self, connection: Connection, rows: Sequence[Row]) -> None:
        """New revisions go by COPY straight into their tables: the fence protects them."""
        for table, new in _by_table(rows).items():
            if table == STRUCTURE:
                await connection.execute(_MERGE_STRUCTURES)
            else:
                values = [row.values for row in new]
                await copy_rows(connection, table, COLUMNS[table], values)


_MERGE_STRUCTURES: Final = (
    f"INSERT INTO structure SELECT * FROM {_STAGING} ON CONFLICT (structure_id) DO UPDATE SET "  # noqa: S608
    + ", ".join(f"{name} = excluded.{name}" for name in COLUMNS[STRUCTURE][1:])
    + " WHERE excluded.revision > structure.revision"
)


def _by_table(rows: Sequence[Row]) -> dict[str, list[Row]]:
    tables: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        tables[row.table].append(row)
    return tables


def _latest(rows: Sequence[Row]) -> list[Row]:
    """Of each key the highest revision: the rows come in growing revisions (`select_new`)."""
    return list({row.key: row for row in rows}.values())


def _appended(
    table: str,
    key: tuple[Any, ...],
    envelope: Envelope,
    *,
    withdrawn: bool,
    values: tuple[Any, ...],
) -> Row:
    """A row of a table that keeps every revision; columns not given are null."""
    common = (
        envelope.source,
        envelope.revision,
        envelope.rank,
        withdrawn,
        envelope.time,
    )
    missing = len(COLUMNS[table]) - len(key) - len(common) - len(values)
    return Row(
        table,
        (*key, envelope.source, envelope.revision),
        envelope.revision,
        (*key, *common, *values, *(None,) * missing),
    )


def _month(envelope: Envelope, data: MonthlyStateDeclared) -> Row:
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
    key = (data.annex_id, data.year, data.month)
    return _appended(MONTH, key, envelope, withdrawn=False, values=values)


def _annex(envelope: Envelope, data: FinancialAnnexDeclared) -> Row | Failure:
    measure = read_measure(data.measure)
    if (failure := _refused(data, measure)) is not None:
        return failure
    department = annex_department(data.annex_number, measure.kind)
    values = (
        data.annex_id,
        data.structure_id,
        data.annex_number,
        data.convention_number,
        data.measure,
        measure.kind,
        measure.regime,
        is_counted(measure, data.state),
        data.renewal,
        data.amendment,
        data.state,
        data.starts_on,
        data.ends_on,
        data.contracted_etp,
        data.hours_base,
        data.unit_amount,
        data.total_amount,
        data.cofinanced_amount,
        data.funder,
        department.code,
        department.origin,
        data.signed_on,
        data.received_on,
        data.validated_on,
    )
    key = (data.amendment_id,)
    return _appended(ANNEX, key, envelope, withdrawn=False, values=values)


def _refused(data: FinancialAnnexDeclared, measure: Measure) -> Failure | None:
    """What no figure could be made of; the door refuses it already."""
    paths = []
    if data.ends_on < data.starts_on:
        paths.append("ends_on")
    if measure.known and measure.kind != WITHOUT_POSTS:
        paths += [] if data.contracted_etp is not None else ["contracted_etp"]
        paths += [] if data.hours_base is not None and Decimal(data.hours_base) else ["hours_base"]
    if not paths:
        return None
    return Failure(FailureKind.DOMAIN_REJECTED, "no figure can be made of it", tuple(paths))


def _structure(envelope: Envelope, data: StructureDeclared) -> Row:
    department = department_of_insee(data.insee_code) if data.insee_code else None
    values = (
        data.structure_id,
        envelope.revision,
        False,
        data.siret,
        data.name,
        data.municipality,
        data.insee_code,
        department,
    )
    return Row(STRUCTURE, (data.structure_id,), envelope.revision, values)


def _structure_withdrawn(envelope: Envelope) -> Row | Failure:
    """A tombstone names its structure in its headers alone."""
    subject = envelope.subject
    if not (subject.isascii() and subject.isdigit() and len(subject) <= 18):
        return Failure(FailureKind.CONTRACT_VIOLATION, "not a structure id", ("ce_subject",))
    structure_id = int(subject)
    values = (structure_id, envelope.revision, True, *(None,) * 5)
    return Row(STRUCTURE, (structure_id,), envelope.revision, values)
