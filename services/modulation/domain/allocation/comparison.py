"""The compared rows of a group: values, scores, and their parts of what is left for them
(steps 2, 3, 5, 6, 7)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from services.modulation.domain.allocation.candidates import Candidate
from services.modulation.domain.allocation.methods import STRATEGIES, Method, weighted_mean
from services.modulation.domain.allocation.sharing import water_fill, whole_cents
from services.modulation.domain.ratios import Value, values
from services.modulation.domain.rules import RuleSet

Means = tuple[Fraction | None, Fraction | None, Fraction | None]
"""A value or a mean for each criterion; None where nothing is measured."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How a compared row stands: values, indices, score; `share`, its exact part in cents, and
    `cents`, the whole ones; `capped` when the cap binds."""

    values: tuple[Value, Value, Value]
    indices: tuple[Fraction, Fraction, Fraction]
    score: Fraction
    share: Fraction
    cents: int
    capped: bool

    @property
    def measures(self) -> Means:
        """What the three criteria are compared by; None is neutral."""
        first, second, third = self.values
        return first.measure, second.measure, third.measure


@dataclass(frozen=True, slots=True)
class Comparison:
    """Standings by structure id, and what explains them (see `GroupFigures`)."""

    standings: Mapping[int, Standing]
    means: Means
    level: Fraction | None
    zero_level: Fraction | None


@dataclass(frozen=True, slots=True)
class _Parts:
    shares: Sequence[Fraction]
    level: Fraction | None
    zero_level: Fraction | None


def compare(
    compared: Sequence[Candidate], remainder: int, rules: RuleSet, method: Method
) -> Comparison:
    """Share `remainder` cents among the compared rows of one group."""
    socles = [candidate.socle_cents for candidate in compared]
    ids = [candidate.structure_id for candidate in compared]
    valued = [values(candidate.ratios) for candidate in compared]
    first, second, third = ([row[k].measure for row in valued] for k in range(3))
    means = (
        weighted_mean(first, socles),
        weighted_mean(second, socles),
        weighted_mean(third, socles),
    )
    strategy = STRATEGIES[method]
    indices = list(
        zip(
            strategy(first, means[0]),
            strategy(second, means[1]),
            strategy(third, means[2]),
            strict=True,
        )
    )
    scores = [
        sum((w * x for w, x in zip(rules.weights, row, strict=True)), Fraction(0))
        for row in indices
    ]
    caps = [int(rules.cap * socle) for socle in socles]
    parts = _parts(remainder, socles, scores, caps)
    cents = whole_cents(parts.shares, remainder, ids)
    return Comparison(
        {
            ids[i]: Standing(
                valued[i], indices[i], scores[i], parts.shares[i], cents[i], parts.shares[i] == cap
            )
            for i, cap in enumerate(caps)
        },
        means,
        parts.level,
        parts.zero_level,
    )


def _parts(
    remainder: int, socles: Sequence[int], scores: Sequence[Fraction], caps: Sequence[int]
) -> _Parts:
    """Exact parts in cents: pro rata of socle × score under the caps, then, once every positive
    score is capped, what is left to the zero scores pro rata of socle, with the same caps."""
    positive = [place for place, score in enumerate(scores) if score]
    zero = [place for place, score in enumerate(scores) if not score]
    shares = [Fraction(0)] * len(scores)
    if not positive:
        return _Parts(shares, None, None)
    filled = water_fill(
        Fraction(remainder), [socles[i] * scores[i] for i in positive], [caps[i] for i in positive]
    )
    for place, share in zip(positive, filled.shares, strict=True):
        shares[place] = share
    if not filled.left:
        return _Parts(shares, filled.level, None)
    rest = water_fill(filled.left, [Fraction(socles[i]) for i in zero], [caps[i] for i in zero])
    for place, share in zip(zero, rest.shares, strict=True):
        shares[place] = share
    return _Parts(shares, filled.level, rest.level)
