"""What someone should look at before the definitive extraction; no figure changes for it."""

from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from datetime import date

from services.modulation.domain.facts import AnnexVersion
from services.modulation.domain.findings import (
    Control,
    ControlCode,
    Employee,
    ExitVerdict,
    Socle,
)
from services.modulation.domain.ratios import Triple
from services.modulation.domain.rows import CRITERIA
from services.modulation.domain.socle import is_late
from services.modulation.domain.stays import Stay
from shared.reference import tariffs
from shared.reference.departments import region_of

Found = Iterator[Control]


def annex_controls(
    in_force: Sequence[AnnexVersion], of_socle: Sequence[AnnexVersion], year: int
) -> Found:
    """Of the versions in force for the indicators, and of those that give the socle, of one row."""
    yield from _about(ControlCode.PROVISIONAL_ANNEX, _ids(of_socle, _is_provisional))
    yield from _about(ControlCode.LATE_ANNEX, _ids(in_force, lambda one: is_late(one, year)))
    yield from _about(
        ControlCode.ANNEX_WITHOUT_TOTAL, _ids(of_socle, lambda one: one.total is None)
    )
    yield from _about(ControlCode.COFINANCING_OVER_TOTAL, _ids(of_socle, _is_over_cofinanced))
    yield from _about(ControlCode.UNIT_AMOUNT_NOT_TARIFF, _ids(of_socle, _is_off_tariff))


def place_controls(socle: Socle) -> Found:
    """Where a row's annexes are, when that is in several places or nowhere."""
    placed = [share for share in socle.shares if share.department is not None]
    annexes = sorted(share.annex_id for share in socle.shares)
    if len({region_of(share.department or "") for share in placed}) > 1:
        yield Control(ControlCode.SEVERAL_REGIONS, tuple(annexes))
    if len({share.department for share in placed}) > 1:
        yield Control(ControlCode.SEVERAL_DEPARTMENTS, tuple(annexes))
    if socle.region is None:
        yield Control(ControlCode.UNKNOWN_REGION, tuple(annexes))


def person_controls(
    employees: Sequence[Employee],
    verdicts: Sequence[ExitVerdict],
    ratios: Triple,
    provisional: Container[int],
) -> Found:
    """Of a row's employees, exits and indicators; `provisional` contracts are an editor's alone."""
    counting = {contract for one in employees for contract in one.contracts}
    counting |= {one.status_contract for one in employees if one.status_contract is not None}
    counting |= {contract for one in verdicts for contract in (one.contract_id, *one.contracts)}
    alone = sorted(contract for contract in counting if contract in provisional)
    yield from _about(ControlCode.PROVISIONAL_CONTRACT, alone)
    unknown = [one.person for one in employees if one.status_contract is None]
    yield from _about(ControlCode.WITHOUT_CONTRACT, unknown)
    unread = [one.contract_id for one in verdicts if not one.reason_read.known]
    yield from _about(ControlCode.UNKNOWN_REASON, unread)
    over = [
        criterion
        for criterion, (numerator, denominator) in zip(CRITERIA, ratios, strict=True)
        if numerator is not None and denominator and numerator > denominator
    ]
    yield from _about(ControlCode.OVER_100, over)


def stay_controls(of_row: Iterable[Stay], year: int, today: date) -> Found:
    """Stays ended in the year, before `today`, whose last contract has no definitive exit."""
    unended = [
        stay.contracts[last].contract_id
        for stay in of_row
        for last in [stay.last]
        if stay.exits[last] is None and stay.ends[last] < today and stay.ends[last].year == year
    ]
    yield from _about(ControlCode.STAY_WITHOUT_EXIT, sorted(unended))


def _ids(versions: Iterable[AnnexVersion], holds: Callable[[AnnexVersion], bool]) -> list[int]:
    return sorted(version.annex_id for version in versions if holds(version))


def _is_provisional(version: AnnexVersion) -> bool:
    """Is it still PROVISOIRE, or declared by an editor and not by the ASP (own reading)?"""
    return version.state == "PROVISOIRE" or not version.granted


def _is_over_cofinanced(version: AnnexVersion) -> bool:
    """C > T > 0."""
    return bool(version.total) and (version.cofinanced or 0) > (version.total or 0)


def _is_off_tariff(version: AnnexVersion) -> bool:
    """Is its unit amount none of those in force during its period? (A control only.)"""
    known = tariffs.in_force(
        version.row.type or version.row.kind,
        version.department,
        version.starts_on,
        version.ends_on,
    )
    return bool(known) and version.unit_amount is not None and version.unit_amount not in known


def _about(code: ControlCode, about: Sequence[int] | Sequence[str]) -> Found:
    if about:
        yield Control(code, tuple(about))
