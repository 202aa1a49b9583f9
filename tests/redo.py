"""The sums made again from an explanation alone, by the rules as they are written; nothing of the
services. Each function gives the figures that it finds, exact, by the explanation's own names."""

from collections import defaultdict
from collections.abc import Iterable
from fractions import Fraction
from typing import Any

from tests.oracle_rules import LEAST_ADVANCED_FIRST, Line, classify, lines_that_count
from tests.oracle_tables import rounded

Document = dict[str, Any]
Figures = dict[str, Any]


def of_month(document: Document) -> Figures:
    """Rules 4, 5, 14 and 15 of one month, from its lines and its declarations."""
    annex, month = document["annex"], document["month"]
    base = Fraction(annex["hours_base"])
    lines = counted(document["lines"])
    hours = total(line["hours"] for line in lines)
    in_force = [one for one in document["declarations"] if one["in_force"]]
    states = [line["state"] for line in lines]
    state = min(states, key=LEAST_ADVANCED_FIRST.index) if states else None
    in_period = annex["starts_on"][:7] <= of(month) <= annex["ends_on"][:7]
    may_validate = [one["rank"] for one in in_force] == [1]
    found: Figures = {
        "hours": hours,
        "state": state,
        "validated": in_period and state == "VALIDE" and may_validate,
        "realised_etp": 12 * hours / base if in_period and lines else None,
        "realised_annual_etp": hours / base if in_period and lines else None,
        "contracted_etp": Fraction(annex["contracted_etp"]) if in_period else None,
    }
    compared = [line for line in lines if line["asp_etp"] is not None] if in_period else []
    found["asp_difference"] = (
        12 * total(line["hours"] for line in compared) / base
        - total(line["asp_etp"] for line in compared)
        if compared
        else None
    )
    if annex["kind"] == "ACI":
        found |= _rsa(document, lines, base) if found["validated"] else {}
        found["brsa_target"] = _target(document) if in_period else None
    return found


def of_annex(document: Document) -> Figures:
    """Rules 2, 3 and 6 to 9, from the exact hours of its months."""
    annex = document["annex"]
    base, posts = Fraction(annex["hours_base"]), Fraction(annex["contracted_etp"])
    months = 12 * (int(annex["ends_on"][:4]) - int(annex["starts_on"][:4])) + 1
    months += int(annex["ends_on"][5:7]) - int(annex["starts_on"][5:7])
    validated = [month for month in document["months"] if month["validated"]]
    hours = total(month["exact_hours"] for month in validated)
    mean = 12 * hours / base / len(validated) if validated else None
    granted, paid = annex["total_amount"], Fraction(annex["cofinanced_amount"])
    share = min(paid / Fraction(granted), Fraction(1)) if granted and Fraction(granted) else 0
    unit = annex["unit_amount"]
    return {
        "months": months,
        "contracted_etp": posts,
        "annual_contracted_etp": posts * months / 12,
        "department_annual_etp": posts * months / 12 * share,
        "state_annual_etp": posts * months / 12 * (1 - share),
        "validated_months": len(validated),
        "realised_etp_sum": 12 * hours / base,
        "realised_etp_mean": mean,
        "realised_annual_etp": hours / base,
        "rate": mean / posts if mean is not None and posts else None,
        "class": classify(posts, mean),
        "used_amount": None if unit is None else hours / base * Fraction(unit),
    }


def of_sum(document: Document) -> Figures:
    """Rule 10, from the annex-months that are summed."""
    parts = document["annex_months"]
    validated = [part for part in parts if part["validated"]]
    contracted = total(part["contracted_etp"] for part in validated)
    realised = sum(
        (12 * Fraction(part["hours"]) / Fraction(part["hours_base"]) for part in validated),
        Fraction(0),
    )
    found: Figures = {
        "annexes": len(parts),
        "contracted_etp": total(part["contracted_etp"] for part in parts),
        "validated_contracted_etp": contracted,
        "validated_realised_etp": realised,
    }
    if "rate" in document["sum"]:
        found["rate"] = realised / contracted if contracted else None
    return found


def assert_same(document: Document, found: Figures, shown: Document) -> None:
    """Every figure found is the explanation's own, exactly, and what `shown` shows of it."""
    steps = {step["figure"]: step for step in document["figures"]}
    for name, value in found.items():
        if name not in steps:
            assert value is None, name
            continue
        assert steps[name]["rule"] > 0
        assert steps[name]["formula"]
        if isinstance(value, str | bool):
            assert steps[name]["value"] == str(value).lower() if isinstance(value, bool) else value
        else:
            exact = steps[name]["exact"]
            assert (None if exact is None else Fraction(exact)) == value, name
        assert as_shown(value, shown[name]) == shown[name], name


def as_shown(value: Any, like: Any) -> Any:
    """`value` rounded as `like` is: half up to its decimals."""
    if isinstance(value, Fraction) and isinstance(like, str):
        sign = "-" if value < 0 and abs(value) >= Fraction(1, 2_000_000) else ""
        return sign + rounded(abs(value), len(like.partition(".")[2]))
    return value


def counted(lines: Iterable[Document]) -> list[Document]:
    """The lines that count, found from all of them; the explanation says the same of each."""
    given = list(lines)
    owners = [
        ("person", line["person"])
        if line["contract_id"] is None
        else ("contract", line["contract_id"])
        for line in given
    ]
    read = [
        Line(line["line_id"], line["version"], line["state"], Fraction(line["hours"]), owner)
        for line, owner in zip(given, owners, strict=True)
    ]
    kept = [id(line) for line in lines_that_count(read)]
    found = [line for line, one in zip(given, read, strict=True) if id(one) in kept]
    assert found == [line for line in given if line["counted"]]
    assert all((line["why"] == "counted") == line["counted"] for line in given)
    return found


def total(texts: Iterable[str]) -> Fraction:
    """Σ of exact texts."""
    return sum(map(Fraction, texts), Fraction(0))


def of(month: Document) -> str:
    """`2026-03`."""
    return f"{month['year']:04d}-{month['month']:02d}"


def _rsa(document: Document, lines: Iterable[Document], base: Fraction) -> Figures:
    worked: defaultdict[int, Fraction] = defaultdict(Fraction)
    for line in lines:
        if line["on_rsa"]:
            worked[line["contract_id"]] += Fraction(line["hours"])
    shown = [hours for hours in worked.values() if hours >= 1]
    return {
        "brsa_employees": len(shown),
        "brsa_etp": sum((12 * hours / base for hours in shown), Fraction(0)),
    }


def _target(document: Document) -> Fraction | None:
    annex: Document = document["annex"]
    amount: str | None = document["rsa_amount"]
    paid, granted = Fraction(annex["cofinanced_amount"]), annex["total_amount"]
    if not paid or amount is None:
        return None
    if granted and Fraction(granted):
        paid = min(paid, Fraction(granted))
    return paid / int(annex["months"]) / Fraction(amount)
