"""Keys, amounts and ETP of the sample, against numbers known from elsewhere."""

from datetime import date

import pytest

from shared.testing.sample.annexes import total_amount
from shared.testing.sample.identity import NIR_SPACE, luhn_key, nir, siret
from shared.testing.sample.lines import asp_etp, hours_text
from shared.testing.sample.tariffs import unit_amount


@pytest.mark.parametrize("number", ["90000010100015", "90000010200013", "90000010300011"])
def test_luhn_key_is_the_one_of_known_numbers(number: str) -> None:
    assert luhn_key(number[:-1]) == number[-1]


def test_a_siret_has_two_right_keys_and_begins_with_99() -> None:
    numbers = [siret(number) for number in range(1, 500)]
    assert len(set(numbers)) == 499
    for number in numbers:
        assert len(number) == 14
        assert number.startswith("99")
        assert luhn_key(number[:8]) == number[8]
        assert luhn_key(number[:13]) == number[13]


def test_nir_are_distinct_impossible_and_have_their_key() -> None:
    persons = [*range(100_001, 103_000), *range(9_999 * 100_000, 9_999 * 100_000 + 3_000)]
    assert persons[-1] < NIR_SPACE
    found = [nir(person) for person in persons]
    assert len({body for body, _, _ in found}) == len(persons)
    for body, key, born in found:
        assert len(body) == 13
        assert 31 <= int(body[3:5]) <= 42
        assert born % 100 == int(body[1:3])
        assert (int(body) + int(key)) % 97 == 0


def test_the_nir_key_is_the_one_of_a_known_number() -> None:
    assert 97 - 2373299107341 % 97 == 38


@pytest.mark.parametrize(
    ("posts", "unit", "months", "cents"),
    [
        (1_000, 23_921, 12, 23_921_000),
        (600, 13_304, 8, 5_321_600),
        (800, 1_619, 7, 755_531),
        (250, 23_921, 12, 5_980_250),
    ],
)
def test_a_total_is_rounded_before_it_is_multiplied(
    posts: int, unit: int, months: int, cents: int
) -> None:
    assert total_amount(posts, unit, months) == cents


@pytest.mark.parametrize(
    ("tariff", "prison", "department", "day", "euros"),
    [
        ("ACI", False, "54", date(2026, 1, 1), 23_921),
        ("EI", False, "54", date(2024, 12, 31), 12_459),
        ("EI", False, "54", date(2025, 1, 1), 13_304),
        ("EI", False, "976", date(2025, 1, 1), 10_050),
        ("EI", True, "54", date(2026, 1, 1), 6_593),
        ("ACI", True, "976", date(2026, 1, 1), 12_658),
        ("AI", False, "972", date(2024, 3, 1), 1_588),
    ],
)
def test_the_unit_amount_is_that_of_the_day(
    tariff: str, prison: bool, department: str, day: date, euros: int
) -> None:
    assert unit_amount(tariff, prison, department, day) == euros


@pytest.mark.parametrize(
    ("half_hours", "base", "text"),
    [(800, 1820, "2.6374"), (760, 1820, "2.5055"), (0, 1607, "0.0000"), (151, 1505, "0.6020")],
)
def test_the_asp_s_own_etp_has_four_decimals(half_hours: int, base: int, text: str) -> None:
    assert asp_etp(half_hours, base) == text


def test_hours_are_whole_or_end_with_a_half() -> None:
    assert [hours_text(0), hours_text(208), hours_text(209)] == ["0", "104", "104.50"]
