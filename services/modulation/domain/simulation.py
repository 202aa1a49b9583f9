"""What would change: another indicator of one row, another method for a group. Nothing is kept."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from services.modulation.domain.allocation.candidates import Candidate
from services.modulation.domain.allocation.groups import (
    Award,
    GroupAllocation,
    allocate_group,
)
from services.modulation.domain.allocation.methods import DEFAULT_METHOD, Method
from services.modulation.domain.ratios import Ratio


@dataclass(frozen=True, slots=True)
class Simulated:
    """A group before and after, and the awards of the row that changes."""

    before: GroupAllocation
    after: GroupAllocation
    award_before: Award
    award_after: Award


def simulate(
    group: Sequence[Candidate],
    structure_id: int,
    ratios: Mapping[int, Ratio],
    method: Method = DEFAULT_METHOD,
) -> Simulated:
    """What a row of a group gets once some of its indicators (by criterion, 1 to 3) are others,
    all else equal. The whole group is shared anew. KeyError when the group has no such row."""
    changed = [_with(row, ratios) if row.structure_id == structure_id else row for row in group]
    before, after = allocate_group(group, method), allocate_group(changed, method)
    return Simulated(before, after, _award(before, structure_id), _award(after, structure_id))


def side_by_side(group: Sequence[Candidate]) -> Mapping[Method, GroupAllocation]:
    """The same group shared by each method."""
    return {method: allocate_group(group, method) for method in Method}


def _with(row: Candidate, ratios: Mapping[int, Ratio]) -> Candidate:
    first, second, third = (
        ratios.get(criterion, ratio) for criterion, ratio in enumerate(row.ratios, 1)
    )
    return replace(row, ratios=(first, second, third))


def _award(allocation: GroupAllocation, structure_id: int) -> Award:
    found = {award.candidate.structure_id: award for award in allocation.awards}
    return found[structure_id]
