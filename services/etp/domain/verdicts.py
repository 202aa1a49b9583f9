"""Why each line of a month counts or does not (rule 4)."""

from enum import StrEnum

from shared.rules.monthly_states import MonthLines, counted_lines


class Verdict(StrEnum):
    """What became of a line."""

    COUNTED = "counted"
    REPEATED = "repeated"
    """The same line id and version came before it."""
    SUPERSEDED = "superseded"
    """Its contract, or person without contract, has a higher version in the month."""


def verdicts(lines: MonthLines) -> list[Verdict]:
    """What became of each line, in their order."""
    counted = set(counted_lines(lines))
    seen: set[tuple[int, int]] = set()
    found = []
    for place, line in enumerate(zip(lines.ids, lines.versions, strict=True)):
        if place in counted:
            found.append(Verdict.COUNTED)
        else:
            found.append(Verdict.REPEATED if line in seen else Verdict.SUPERSEDED)
        seen.add(line)
    return found
