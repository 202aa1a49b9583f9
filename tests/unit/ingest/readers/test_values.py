"""How a text is read: numbers, identifiers, dates, states."""

from datetime import date

import pytest

from services.ingest.readers.values import Kind, Unreadable, read_value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("400", "400"),
        ("0400", "400"),
        ("75.50", "75.5"),
        ("75.05", "75.05"),
        ("0", "0"),
        ("0.00", "0"),
        ("00.10", "0.1"),
        ("9" * 18 + "." + "9" * 30, "9" * 18 + "." + "9" * 30),
        ("1." + "0" * 40, "1"),
        *[
            (text, Unreadable("unreadable-number"))
            for text in (
                *("12,5", "1.2.3", ".5", "5.", "+5", "1e3", "1 000", "-", "--5", "-12,5", "mille"),
                *("٣", "1_0", "9" * 19, "1." + "9" * 31, "\ufffd", "5\u2028", "NaN"),
            )
        ],
        ("-5", Unreadable("negative-number")),
        ("-0.5", Unreadable("negative-number")),
    ],
)
def test_number(text: str, value: object) -> None:
    assert read_value(Kind.NUMBER, text) == value


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        (Kind.ID, "02", 2),
        (Kind.ID, "9" * 18, 10**18 - 1),
        (Kind.ID, "0" * 30 + "7", 7),
        *[
            (Kind.ID, text, Unreadable("unreadable-number"))
            for text in ("-5", "+5", "5.0", "1X", "9" * 19, "1 2", "٣")
        ],
        (Kind.COUNT, "999999", 999_999),
        (Kind.COUNT, "1000000", Unreadable("unreadable-number")),
        (Kind.YEAR, "2026", 2026),
        (Kind.YEAR, "20Z6", Unreadable("unreadable-number")),
        (Kind.YEAR, "10000", Unreadable("unreadable-number")),
        (Kind.MONTH, "01", 1),
        (Kind.MONTH, "12", 12),
        (Kind.MONTH, "0", Unreadable("month-out-of-range")),
        (Kind.MONTH, "13", Unreadable("month-out-of-range")),
        (Kind.MONTH, "-1", Unreadable("unreadable-number")),
    ],
)
def test_integer(kind: Kind, text: str, value: object) -> None:
    assert read_value(kind, text) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("31/12/2026", date(2026, 12, 31)),
        ("29/02/2024 23:59:59", date(2024, 2, 29)),
        *[
            (text, Unreadable("unreadable-date"))
            for text in (
                *("29/02/2026", "31/02/2026", "1/1/2026", "2026-01-01", "01/13/2026", "00/01/2026"),
                *("01/01/0000", "01/01/26", "01/01/2026 24:00:00", "01/01/2026 10:00", "le 3 mars"),
            )
        ],
    ],
)
def test_date(text: str, value: object) -> None:
    assert read_value(Kind.DATE, text) == value


@pytest.mark.parametrize(
    ("kind", "known"),
    [
        (
            Kind.ANNEX_STATE,
            [
                *("BROUILLON", "SAISI", "REJETE", "PROVISOIRE"),
                *("VALIDE", "HISTORISE", "CLOTURE", "ANNULE"),
            ],
        ),
        (Kind.MONTH_STATE, ["BROUILLON", "SAISI", "DEBLOQUE", "VALIDE"]),
    ],
)
def test_state(kind: Kind, known: list[str]) -> None:
    assert [read_value(kind, state) for state in known] == known
    for state in ("valide", "SUSPENDU", "VALIDEE"):
        assert read_value(kind, state) == Unreadable("unknown-state")
