"""What an annex is from its own fields: measure, whether it counts, department, months."""

from datetime import date

import pytest

from services.etp.domain.lateness import is_late
from shared.rules.departments import DepartmentOrigin, annex_department
from shared.rules.measures import KINDS, REGIMES, Measure, is_counted, read_measure
from shared.rules.months import month_number, touched_months

NUMBER, OLD = DepartmentOrigin.NUMBER, DepartmentOrigin.OLD_NUMBER


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("regime", REGIMES)
def test_a_known_measure_counts_in_three_states(kind: str, regime: str) -> None:
    measure = read_measure(f"{kind}_{regime}")
    assert measure == Measure(kind, regime, known=True)
    states = [
        "BROUILLON",
        "SAISI",
        "REJETE",
        "PROVISOIRE",
        "VALIDE",
        "HISTORISE",
        "CLOTURE",
        "ANNULE",
    ]
    counted = [state for state in states if is_counted(measure, state)]
    assert counted == ["PROVISOIRE", "VALIDE", "CLOTURE"]


@pytest.mark.parametrize("code", ["FDI_DC", "GEIQ_DC", "ACI_XX", "ACI", "aci_DC", "ACI_DC_MP", ""])
def test_other_measures_never_count(code: str) -> None:
    assert not is_counted(read_measure(code), "VALIDE")


def test_an_fdi_is_known_and_an_unknown_measure_keeps_its_parts() -> None:
    assert read_measure("FDI_MP") == Measure("FDI", "MP", known=True)
    assert read_measure(" GEIQ_DC ") == Measure("GEIQ", "DC", known=False)


@pytest.mark.parametrize(
    ("number", "kind", "code", "origin"),
    [
        ("ACI051170013", "ACI", "51", NUMBER),
        ("ACI054260001", "ACI", "54", NUMBER),
        ("ACI007250001", "ACI", "07", NUMBER),
        ("ACI02A250007", "ACI", "2A", NUMBER),
        ("EI02B260017", "EI", "2B", NUMBER),
        ("ACI972260016", "ACI", "972", NUMBER),
        ("EI976262021", "EI", "976", NUMBER),
        ("ACIPA075260018", "ACIPA", "75", NUMBER),
        ("EIPA075260018", "EIPA", "75", NUMBER),
        ("EITI069250003", "EITI", "69", NUMBER),
        ("AI035260004", "AI", "35", NUMBER),
        ("ACI054260001A0M1", "ACI", "54", NUMBER),
        (" aci054260001 ", "ACI", "54", NUMBER),
        ("ACI075260018", "ACIPA", "75", NUMBER),
        ("ACI59VXX2010", "ACI", "59", OLD),
        ("EI07VXX2011", "EI", "07", OLD),
        ("EI02C102011", "EI", "02", OLD),
    ],
)
def test_the_number_names_the_department(
    number: str, kind: str, code: str, origin: DepartmentOrigin
) -> None:
    assert annex_department(number, kind) == (code, origin)


@pytest.mark.parametrize(
    ("number", "kind"),
    [
        ("EI099260014", "EI"),
        ("AI5401", "AI"),
        ("ACI99VXX2010", "ACI"),
        ("ACI20A260001", "ACI"),
        ("ACI000260001", "ACI"),
        ("ACI", "ACI"),
        ("054260001", "ACI"),
        ("", "ACI"),
    ],
)
def test_a_number_may_name_none(number: str, kind: str) -> None:
    assert annex_department(number, kind) == (None, None)


@pytest.mark.parametrize(
    ("starts", "ends", "months"),
    [
        (date(2026, 3, 1), date(2026, 12, 31), 10),
        (date(2026, 3, 15), date(2026, 9, 15), 7),
        (date(2025, 7, 1), date(2026, 6, 30), 12),
        (date(2026, 1, 31), date(2026, 2, 1), 2),
        (date(2026, 5, 5), date(2026, 5, 5), 1),
    ],
)
def test_months_are_those_touched(starts: date, ends: date, months: int) -> None:
    touched = touched_months(starts, ends)
    assert len(touched) == months
    assert month_number(starts.year, starts.month) == touched[0]
    assert month_number(ends.year, ends.month) == touched[-1]


@pytest.mark.parametrize(
    ("today", "late"),
    [
        (date(2026, 3, 31), False),
        (date(2026, 4, 1), True),
        (date(2027, 1, 1), True),
        (date(2026, 1, 15), False),
        (date(2025, 12, 1), False),
    ],
)
def test_january_is_late_from_the_first_of_april(today: date, late: bool) -> None:
    assert is_late(2026, 1, validated=False, today=today) is late
    assert not is_late(2026, 1, validated=True, today=today)
