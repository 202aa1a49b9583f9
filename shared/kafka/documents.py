"""Rows of the documents that several services keep alike: structures and annex versions.

No business rule here: kinds and departments are asked of `shared.rules`.
"""

from decimal import Decimal

from shared.contracts.envelope import Envelope
from shared.contracts.financial_annex_v1 import FinancialAnnexDeclared, FinancialAnnexWithdrawn
from shared.contracts.structure_v1 import StructureDeclared
from shared.database.dead_letters import Failure, FailureKind
from shared.database.documents import ANNEX, STRUCTURE
from shared.kafka.projection import Row
from shared.kafka.revisions import RevisionStore
from shared.reference.departments import department_of_insee
from shared.rules.departments import annex_department
from shared.rules.measures import WITHOUT_POSTS, Measure, is_counted, read_measure


def annex_row(
    store: RevisionStore,
    envelope: Envelope,
    data: FinancialAnnexDeclared | FinancialAnnexWithdrawn,
    *more: object,
) -> Row | Failure:
    """The row of an annex version, or of its withdrawal; `more` are the values of the service's
    own columns, which a withdrawal lacks."""
    if isinstance(data, FinancialAnnexWithdrawn):
        return store.withdrawn(ANNEX, (data.amendment_id,), envelope, data.annex_id)
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
        *more,
    )
    return store.declared(ANNEX, (data.amendment_id,), envelope, values)


def structure_row(envelope: Envelope, data: StructureDeclared | None) -> Row | Failure:
    """The row of a structure; without data it is a tombstone, which its headers alone name."""
    if data is None:
        return _structure_withdrawn(envelope)
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


def _structure_withdrawn(envelope: Envelope) -> Row | Failure:
    subject = envelope.subject
    if not (subject.isascii() and subject.isdigit() and len(subject) <= 18):
        return Failure(FailureKind.CONTRACT_VIOLATION, "not a structure id", ("ce_subject",))
    structure_id = int(subject)
    values = (structure_id, envelope.revision, True, *(None,) * 5)
    return Row(STRUCTURE, (structure_id,), envelope.revision, values)
