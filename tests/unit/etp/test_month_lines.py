"""Line by line: which count and why (rule 4), and the ASP's figures of those (rule 14)."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from services.etp.domain.asp import AspFigures, asp_figures
from services.etp.domain.verdicts import Verdict, verdicts
from shared.rules.monthly_states import MonthLines, counted_lines, month_figures
from tests.unit.etp.test_monthly_states import LINES, Line


def month(*lines: Line) -> MonthLines:
    return MonthLines(*zip(*lines, strict=True))


def compared(lines: list[Line], *asp_etp: str | None) -> AspFigures:
    delivered = month(*lines)
    return asp_figures(delivered, month_figures(delivered), asp_etp)


def test_the_asps_figures_are_those_of_the_lines_that_count() -> None:
    lines = [Line(1, 1, hours="40"), Line(2, 2, hours="60"), Line(3, hours="200", contract=2)]
    found = compared(lines, "9", "0.3956", "1.3187")
    assert found == AspFigures(2, Decimal(260), Decimal("1.7143"))


def test_a_line_without_the_asps_figure_is_not_compared() -> None:
    lines = [Line(1, hours="60"), Line(2, hours="7", contract=2)]
    assert compared(lines, "0.3956", None) == AspFigures(1, Decimal(60), Decimal("0.3956"))
    assert compared(lines, "0", "0.04") == AspFigures(2, Decimal(67), Decimal("0.04"))
    assert compared(lines, None, None) == AspFigures(0, None, None)


def test_each_line_says_whether_it_counts_and_why() -> None:
    found = verdicts(
        month(
            Line(1, 1),
            Line(2, 2),
            Line(2, 2),
            Line(3, contract=2),
            Line(4, contract=None, person="a"),
            Line(5, 2, contract=None, person="a"),
        )
    )
    assert found == [
        Verdict.SUPERSEDED,
        Verdict.COUNTED,
        Verdict.REPEATED,
        Verdict.COUNTED,
        Verdict.SUPERSEDED,
        Verdict.COUNTED,
    ]


@given(LINES)
def test_verdicts_name_the_lines_that_count(lines: list[Line]) -> None:
    doubled = month(*lines, *lines)
    found = verdicts(doubled)
    counted = [place for place, verdict in enumerate(found) if verdict is Verdict.COUNTED]
    assert counted == sorted(counted_lines(doubled))
    assert Verdict.COUNTED not in found[len(lines) :]


@given(LINES, st.lists(st.sampled_from([None, "0.5", "1.25"]), min_size=12, max_size=12))
def test_the_same_lines_are_compared(lines: list[Line], etp: list[str | None]) -> None:
    kept = [lines[place] for place in counted_lines(month(*lines))]
    borne = dict(zip(((line.id, line.version) for line in lines), etp, strict=False))
    figures = [(line, borne[line.id, line.version]) for line in kept]
    known = [(Decimal(line.hours), Decimal(text)) for line, text in figures if text is not None]
    found = compared(lines, *etp[: len(lines)])
    assert found.lines == len(known)
    assert (found.hours or 0) == sum(hours for hours, _ in known)
    assert (found.etp or 0) == sum(figure for _, figure in known)
