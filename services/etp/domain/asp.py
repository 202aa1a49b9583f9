"""The ASP's own figures of a month, to compare ours with (rule 14).

Unit of `emi_part_etp`, our reading of its samples: monthly ETP of the line, `12·h/H` to 4 decimals.
"""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Final, NamedTuple

from services.etp.domain.consumption import monthly_realised
from shared.rules.monthly_states import MonthFigures, MonthLines, counted_lines, exact_sum

NOTABLE: Final = Decimal("0.01")
"""Monthly ETP above which a difference is listed."""


class AspFigures(NamedTuple):
    """Of the lines that count and bear the ASP's own figure: how many, their hours, and the sum of
    that figure (monthly ETP). The sums are None without such a line: nothing to compare."""

    lines: int
    hours: Decimal | None
    etp: Decimal | None


def asp_figures(
    lines: MonthLines, figures: MonthFigures, asp_etp: Sequence[str | None]
) -> AspFigures:
    """The ASP's figures of a month whose own are `figures`; `asp_etp` is line by line, decimal
    text, None where the ASP gives none."""
    every_line_counts = figures.lines == len(lines.ids)
    places = range(len(lines.ids)) if every_line_counts else counted_lines(lines)
    known = [place for place in places if asp_etp[place] is not None]
    if not known:
        return AspFigures(0, None, None)
    hours = figures.hours
    if len(known) < figures.lines:
        hours = exact_sum([lines.hours[place] for place in known])
    return AspFigures(len(known), hours, exact_sum([asp_etp[place] or "0" for place in known]))


def difference(hours: Decimal, hours_base: Decimal, asp_etp: Decimal) -> Fraction:
    """Ours minus the ASP's, in monthly ETP of the same lines."""
    return monthly_realised(hours, hours_base) - Fraction(asp_etp)
