"""From the values of a criterion to indices: named, versioned methods (step 3).

An index says how a row stands among the compared ones of its group; each method gives a whole
group's indices on one criterion. A released method never changes: another version gets a name.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from fractions import Fraction
from types import MappingProxyType
from typing import Final

Measures = Sequence[Fraction | None]
"""Values of the compared rows on one criterion; None is neutral."""

Strategy = Callable[[Measures, Fraction | None], list[Fraction]]
"""Values of the compared rows and their mean weighted by socle → their indices, in the same
order."""

_HALF: Final = Fraction(1, 2)


class Method(StrEnum):
    """Names that results bear."""

    RATIO = "ratio-v1"
    RANK = "rank-v1"
    MINMAX = "minmax-v1"


DEFAULT_METHOD: Final = Method.RATIO

NOTICE: Final = "la fonction officielle des trois indicateurs au taux n'est pas publiée"
"""What every rate is shown with, beside its method's name."""


def weighted_mean(measures: Measures, socles: Sequence[int]) -> Fraction | None:
    """Mean of the values that are not neutral, weighted by socle; None when there is none."""
    measured = [(socle, q) for q, socle in zip(measures, socles, strict=True) if q is not None]
    if not measured:
        return None
    weighted = sum((socle * q for socle, q in measured), Fraction(0))
    return weighted / sum(socle for socle, _ in measured)


def ratio_indices(measures: Measures, mean: Fraction | None) -> list[Fraction]:
    """`ratio-v1`: value over the group's mean; 1 when neutral, and for all when that mean is 0."""
    if not mean:
        return [Fraction(1)] * len(measures)
    return [Fraction(1) if q is None else q / mean for q in measures]


def rank_indices(measures: Measures, _mean: Fraction | None) -> list[Fraction]:
    """`rank-v1`: mid-rank percentile, (below + others equal / 2) / (n − 1); 1/2 when neutral or
    alone."""
    ordered = sorted(q for q in measures if q is not None)
    others = len(ordered) - 1
    if others < 1:
        return [_HALF] * len(measures)
    return [_HALF if q is None else _mid_rank(ordered, q) / others for q in measures]


def _mid_rank(ordered: Sequence[Fraction], q: Fraction) -> Fraction:
    below, up_to = bisect_left(ordered, q), bisect_right(ordered, q)
    return below + Fraction(up_to - below - 1, 2)


def minmax_indices(measures: Measures, _mean: Fraction | None) -> list[Fraction]:
    """`minmax-v1`: (q − min) / (max − min); 1/2 when neutral, and for all when all are equal."""
    measured = [q for q in measures if q is not None]
    if not measured or min(measured) == max(measured):
        return [_HALF] * len(measures)
    lowest, width = min(measured), max(measured) - min(measured)
    return [_HALF if q is None else (q - lowest) / width for q in measures]


STRATEGIES: Final[Mapping[Method, Strategy]] = MappingProxyType(
    {
        Method.RATIO: ratio_indices,
        Method.RANK: rank_indices,
        Method.MINMAX: minmax_indices,
    }
)
"""The indices of each method; what follows them is the same for all."""
