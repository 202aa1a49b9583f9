"""The bRSA target and the employees on RSA beside it (rule 15)."""

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest

from services.etp.domain.rsa import (
    RsaAmount,
    RsaEmployees,
    amount_of_month,
    employees_on_rsa,
    month_target,
    year_targets,
)

BEFORE = RsaAmount(Decimal("568.94"), None, date(2025, 4, 1), date(2026, 3, 31))
AFTER = RsaAmount(Decimal("577.50"), None, date(2026, 4, 1), None)
MAYOTTE = RsaAmount(Decimal("284.47"), "976", date(2026, 2, 2), None)
AMOUNTS = (BEFORE, AFTER, MAYOTTE)
BASE = Decimal(1820)


@pytest.mark.parametrize(
    ("month", "department", "amount"),
    [
        ((2025, 3), "54", None),
        ((2025, 4), "54", "568.94"),
        ((2026, 3), "54", "568.94"),
        ((2026, 4), "54", "577.50"),
        ((2026, 4), None, "577.50"),
        ((2026, 2), "976", "568.94"),
        ((2026, 3), "976", "284.47"),
        ((2026, 4), "976", "284.47"),
    ],
)
def test_the_amount_in_force_on_the_first_of_the_month(
    month: tuple[int, int], department: str | None, amount: str | None
) -> None:
    found = amount_of_month(AMOUNTS, *month, department)
    assert found == (None if amount is None else Decimal(amount))


def test_of_two_amounts_in_force_the_latest_begun() -> None:
    always = RsaAmount(Decimal(500), None, None, None)
    assert amount_of_month((AFTER, always), 2026, 5, "54") == AFTER.amount
    assert amount_of_month((AFTER, always), 2026, 3, "54") == always.amount


@pytest.mark.parametrize(
    ("cofinanced", "total", "amount", "target"),
    [
        ("59802.50", "239210", "577.50", Fraction("59802.5") / 12 / Fraction("577.5")),
        ("59802.50", None, "577.50", Fraction("59802.5") / 12 / Fraction("577.5")),
        ("120000", "100000", "500", Fraction(100000, 12 * 500)),
        ("0", "239210", "577.50", None),
        ("59802.50", "239210", None, None),
        ("59802.50", "239210", "0", None),
    ],
)
def test_the_target_of_a_month(
    cofinanced: str, total: str | None, amount: str | None, target: Fraction | None
) -> None:
    given = [None if text is None else Decimal(text) for text in (total, amount)]
    assert month_target(Decimal(cofinanced), given[0], 12, given[1]) == target


def test_a_years_target_is_the_sum_over_its_months() -> None:
    ten, third = Fraction(10), Fraction(1, 3)
    assert year_targets({(2025, 12): ten, (2026, 1): ten, (2026, 2): third}) == {
        2025: ten,
        2026: ten + third,
    }
    assert year_targets({(2025, 11): None, (2025, 12): ten, (2026, 1): ten}) == {
        2025: None,
        2026: ten,
    }
    assert year_targets({(2025, 11): ten, (2025, 12): None}) == {2025: None}


def test_employees_on_rsa_have_an_hour_at_least_over_their_lines() -> None:
    hours = [
        (1, Decimal(100)),
        (1, Decimal(51)),
        (2, Decimal("0.5")),
        (2, Decimal("0.5")),
        (3, Decimal("0.99")),
        (4, Decimal(151)),
        (5, Decimal(151)),
        (6, Decimal(151)),
        (None, Decimal(151)),
    ]
    statuses = {1: "OUI-M", 2: "OUI-NM", 3: "OUI-M", 4: "NON", 5: None}
    assert employees_on_rsa(hours, statuses, BASE) == RsaEmployees(2, Fraction(12 * 152, 1820))
    assert employees_on_rsa([], statuses, BASE) == RsaEmployees(0, Fraction(0))
