"""Sharing whole cents: by largest remainder, and by water-filling under caps (steps 4 to 7)."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from services.modulation.domain.exact import sorting


def whole_cents(shares: Sequence[Fraction], total: int, ids: Sequence[int]) -> list[int]:
    """Shares cut to the cent, then one cent each to the largest fractional parts until their sum
    is `total`; equal parts by id.

    Ids are compared as numbers: a shorter one first, then by character.
    """
    cents = [share.numerator // share.denominator for share in shares]
    missing = total - sum(cents)
    by_part = sorted(range(len(shares)), key=lambda i: (sorting(cents[i] - shares[i]), ids[i]))
    for place in by_part[:missing]:
        cents[place] += 1
    return cents


@dataclass(frozen=True, slots=True)
class Filled:
    """Shares under their caps, and the level λ that explains them: min(λ·weight, cap).

    When every cap binds, `level` is the lowest one at which they do, and `left` is what no share
    could take.
    """

    shares: Sequence[Fraction]
    level: Fraction
    left: Fraction


def water_fill(total: Fraction, weights: Sequence[Fraction], caps: Sequence[int]) -> Filled:
    """Share `total` pro rata of the weights (at least one, all positive) under the caps.

    What a cap holds back goes to the others: rows are walked by the level at which their cap
    binds, so that each is met when all before it are full.
    """
    shares = [Fraction(0)] * len(weights)
    left, waiting = total, sum(weights, Fraction(0))
    by_level = sorted(range(len(weights)), key=lambda place: sorting(caps[place] / weights[place]))
    for done, place in enumerate(by_level):
        if left * weights[place] < caps[place] * waiting:
            level = left / waiting
            for below in by_level[done:]:
                shares[below] = level * weights[below]
            return Filled(shares, level, Fraction(0))
        shares[place] = Fraction(caps[place])
        left -= caps[place]
        waiting -= weights[place]
    highest = by_level[-1]
    return Filled(shares, caps[highest] / weights[highest], left)
