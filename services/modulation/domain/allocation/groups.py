"""The allocation of a group, and of many groups (steps 4 and 8)."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from services.modulation.domain.allocation.candidates import Candidate, GroupKey, Treatment
from services.modulation.domain.allocation.comparison import Means, Standing, compare
from services.modulation.domain.allocation.methods import DEFAULT_METHOD, Method
from services.modulation.domain.allocation.sharing import whole_cents
from services.modulation.domain.exact import half_up
from services.modulation.domain.ratios import values
from services.modulation.domain.rules import rule_set


@dataclass(frozen=True, slots=True)
class Award:
    """What a candidate gets, in euro cents; `standing` is that of a compared one."""

    candidate: Candidate
    treatment: Treatment
    cents: int
    standing: Standing | None

    @property
    def rate_percent(self) -> Fraction | None:
        """Amount over socle, in percent; None without socle."""
        socle = self.candidate.socle_cents
        return Fraction(100 * self.cents, socle) if socle else None

    @property
    def flags(self) -> tuple[str, ...]:
        """What is odd about its indicators, compared or not."""
        return tuple(value.flag for value in values(self.candidate.ratios) if value.flag)


@dataclass(frozen=True, slots=True)
class GroupFigures:
    """What a group's rows share: with it and their columns anyone redoes the sum.

    `socle_cents` is that of the rows that get a part: a row treated as NONE brings nothing, or
    its 5 % could exceed the caps of the others (own reading). `envelope_cents` is E,
    `carved_out_cents` A, what FLAT and AUTO take, `remainder_cents` R = E − A. `means` are those
    of the values of the compared, weighted by socle. `level` is λ; when every positive score is
    capped, zero scores share the rest at `zero_level`, in cents per cent of socle.
    """

    key: GroupKey
    method: Method
    rules: str
    rows: int
    compared: int
    socle_cents: int
    envelope_cents: int
    carved_out_cents: int
    remainder_cents: int
    means: Means
    level: Fraction | None
    zero_level: Fraction | None


@dataclass(frozen=True, slots=True)
class GroupAllocation:
    """A group's figures and its awards, by structure id."""

    figures: GroupFigures
    awards: Sequence[Award]


def allocate(
    candidates: Iterable[Candidate], method: Method = DEFAULT_METHOD
) -> list[GroupAllocation]:
    """Every group's allocation, by exercise, region, type. Candidates without refusal, no row
    twice."""
    groups = defaultdict(list)
    for candidate in candidates:
        groups[candidate.group].append(candidate)
    return [allocate_group(groups[key], method) for key in sorted(groups)]


def allocate_group(
    candidates: Sequence[Candidate], method: Method = DEFAULT_METHOD
) -> GroupAllocation:
    """The allocation of one group: at least one candidate, all of one group."""
    key = candidates[0].group
    rules = rule_set(key.exercise)
    ordered = sorted(candidates, key=lambda candidate: candidate.structure_id)
    treated = [(candidate, candidate.treatment) for candidate in ordered]
    equal = [row for row, treatment in treated if treatment in {Treatment.FLAT, Treatment.AUTO}]
    compared = [row for row, treatment in treated if treatment is Treatment.COMPARED]

    socle = _socle(equal) + _socle(compared)
    envelope, carved_out = half_up(rules.mean * socle), half_up(rules.mean * _socle(equal))
    comparison = compare(compared, envelope - carved_out, rules, method)
    standings = comparison.standings
    cents = _equal_parts(equal, carved_out, rules.mean) | {
        structure_id: standing.cents for structure_id, standing in standings.items()
    }
    awards = [
        Award(row, treatment, cents.get(row.structure_id, 0), standings.get(row.structure_id))
        for row, treatment in treated
    ]
    figures = GroupFigures(
        key=key,
        method=method,
        rules=rules.name,
        rows=len(ordered),
        compared=len(compared),
        socle_cents=socle,
        envelope_cents=envelope,
        carved_out_cents=carved_out,
        remainder_cents=envelope - carved_out,
        means=comparison.means,
        level=comparison.level,
        zero_level=comparison.zero_level,
    )
    return GroupAllocation(figures, awards)


def _socle(candidates: Sequence[Candidate]) -> int:
    return sum(candidate.socle_cents for candidate in candidates)


def _equal_parts(candidates: Sequence[Candidate], total: int, mean: Fraction) -> dict[int, int]:
    """The mean rate of each, their sum being `total` cents."""
    ids = [candidate.structure_id for candidate in candidates]
    shares = [mean * candidate.socle_cents for candidate in candidates]
    return dict(zip(ids, whole_cents(shares, total, ids), strict=True))
