"""Support posts over insertion posts, in annual ETP, for a kind with both regimes (criterion 2)."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from decimal import Decimal
from fractions import Fraction

from services.modulation.domain.exact import total_hours
from services.modulation.domain.facts import SupportHours, ValidatedHours
from services.modulation.domain.findings import AnnexHours
from services.modulation.domain.ratios import Ratio
from services.modulation.domain.rules import RuleSet


def annex_hours(hours: Iterable[ValidatedHours]) -> list[AnnexHours]:
    """The year's hours by annex."""
    of_annex: dict[tuple[int, Decimal], list[Decimal]] = defaultdict(list)
    for line in hours:
        of_annex[line.annex_id, line.hours_base].append(line.hours)
    return [
        AnnexHours(annex_id, base, total_hours(lines))
        for (annex_id, base), lines in sorted(of_annex.items())
    ]


def entered_hours(entry: SupportHours | None) -> Decimal | None:
    """Technical supervision and socio-professional support count alike; None without an entry."""
    return None if entry is None else total_hours((entry.technical_hours, entry.support_hours))


def effort(
    kind: str, entered: Decimal | None, worked: Sequence[AnnexHours], rules: RuleSet
) -> Ratio:
    """Indicator 2: hours entered over the kind's base, over Σ h/H, each annex with its own H."""
    insertion = sum(
        (Fraction(annex.hours) / Fraction(annex.hours_base) for annex in worked), Fraction(0)
    )
    if entered is None:
        return Ratio(None, insertion)
    return Ratio(Fraction(entered) / rules.support_bases[kind], insertion)
