"""Independent reading of the allocation's text, slow and plain: imports nothing of the services.

A row is a dict of texts and numbers: structure_id, exercise, type, months, socle, and ratios
(pairs of fractions or None), or values already taken.
"""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import chain, combinations
from typing import Any

WEIGHTS = (Fraction(35, 100), Fraction(40, 100), Fraction(25, 100))
Value = Fraction | None


def treatment_of(row: Mapping[str, Any]) -> str:
    if row["socle"] == 0 or row["months"] == 0:
        return "NONE"
    if row["type"].endswith("_MP"):
        return "FLAT"
    return "AUTO" if row["exercise"] == 2018 and row["months"] < 12 else "COMPARED"


def value_of(criterion: int, row: Mapping[str, Any]) -> Value:
    numerator, denominator = row["ratios"][criterion - 1]
    employees = row["ratios"][0][1]
    if criterion == 3 and denominator == 0 and employees not in {None, 0}:
        return None
    if numerator is None or not denominator:
        return Fraction(0)
    return Fraction(min(Fraction(1), numerator / denominator))


def index_of(method: str, values: list[Value], socles: list[int], own: Value) -> Fraction:
    """The index of one value among all those of its group on a criterion."""
    known = [(q, s) for q, s in zip(values, socles, strict=True) if q is not None]
    if method == "ratio-v1":
        mean = sum(q * s for q, s in known) / Fraction(sum(s for _, s in known) or 1)
        return Fraction(1) if own is None or mean == 0 else own / mean
    half = Fraction(1, 2)
    numbers = [q for q, _ in known]
    if own is None or len(set(numbers)) < 2:
        return half
    if method == "minmax-v1":
        return (own - min(numbers)) / (max(numbers) - min(numbers))
    below, equal = sum(q < own for q in numbers), sum(q == own for q in numbers) - 1
    return (below + equal * half) / (len(numbers) - 1)


def fill(total: Fraction, weights: Sequence[Fraction], caps: Sequence[int]) -> list[Fraction]:
    """The only shares min(level × weight, cap) of that sum, found by trying every set of capped
    rows; every cap when their sum is not above the total."""
    places = range(len(weights))
    if sum(caps) <= total:
        return [Fraction(cap) for cap in caps]
    for capped in chain.from_iterable(combinations(places, size) for size in places):
        free = [i for i in places if i not in capped]
        level = (total - sum(caps[i] for i in capped)) / sum(weights[i] for i in free)
        if all(level * weights[i] >= caps[i] for i in capped) and all(
            0 <= level * weights[i] <= caps[i] for i in free
        ):
            return [Fraction(caps[i]) if i in capped else level * weights[i] for i in places]
    raise AssertionError("no level")


def to_cents(shares: Mapping[int, Fraction], total: int) -> dict[int, int]:
    """Floors, then one cent each to the largest fractional parts, ties by id."""
    cents = {owner: int(share) for owner, share in shares.items()}
    order = sorted(shares, key=lambda owner: (-(shares[owner] % 1), len(str(owner)), str(owner)))
    for owner in order[: total - sum(cents.values())]:
        cents[owner] += 1
    return cents


def nearest(amount: Fraction) -> int:
    return int(amount + Fraction(1, 2))


def redo(rows: Sequence[Mapping[str, Any]], method: str) -> dict[int, int]:
    """Cents by structure id of one group; rows bear `treatment` and `values`."""
    equal = [row for row in rows if row["treatment"] in {"FLAT", "AUTO"}]
    compared = [row for row in rows if row["treatment"] == "COMPARED"]
    twentieth = Fraction(1, 20)
    apart = nearest(twentieth * sum(row["socle"] for row in equal))
    envelope = nearest(twentieth * sum(row["socle"] for row in equal + compared))
    found = {row["structure_id"]: 0 for row in rows}
    found |= to_cents({row["structure_id"]: twentieth * row["socle"] for row in equal}, apart)
    return found | _compared(compared, envelope - apart, method)


def _compared(rows: Sequence[Mapping[str, Any]], total: int, method: str) -> dict[int, int]:
    socles = [row["socle"] for row in rows]
    columns = [[row["values"][k] for row in rows] for k in range(3)]
    scores = [
        sum(
            (WEIGHTS[k] * index_of(method, columns[k], socles, row["values"][k]) for k in range(3)),
            Fraction(0),
        )
        for row in rows
    ]
    shares = {row["structure_id"]: Fraction(0) for row in rows}
    left = Fraction(total)
    weights = [row["socle"] * score for row, score in zip(rows, scores, strict=True)]
    for wanted, by in ((True, weights), (False, [Fraction(s) for s in socles])):
        places = [place for place, score in enumerate(scores) if bool(score) is wanted]
        caps = [socles[place] // 10 for place in places]
        found = fill(left, [by[place] for place in places], caps) if left else []
        for place, share in zip(places, found, strict=False):
            shares[rows[place]["structure_id"]] = share
        left -= sum(found)
    return to_cents(shares, total)
