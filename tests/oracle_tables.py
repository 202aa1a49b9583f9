"""The four exports as CSV text; the only place where the oracle rounds, half up."""

import csv
import io
from collections import defaultdict
from collections.abc import Iterable
from fractions import Fraction

from tests.oracle_rules import Annex, AnnexMonth, classify, department_share

ANNEXES = (
    "annex_id annex_number renewal amendment state structure_id kind regime department region"
    " starts_on ends_on months hours_base contracted_etp annual_contracted_etp state_annual_etp"
    " department_annual_etp unit_amount total_amount cofinanced_amount validated_months"
    " realised_etp_sum realised_etp_mean realised_annual_etp rate class used_amount"
)
ANNEX_MONTHS = (
    "annex_id year month in_period contracted_etp state validated lines hours realised_etp"
    " realised_annual_etp late"
)
STRUCTURES = (
    "structure_id kind year month annexes contracted_etp validated_contracted_etp"
    " validated_realised_etp"
)
TERRITORIES = (
    "year month kind department region structures annexes contracted_etp"
    " validated_contracted_etp validated_realised_etp rate masked"
)
UNMASKED = "false"
"""Nothing is masked but in the public export."""
Row = list[object]


def tables(annexes: list[Annex]) -> dict[str, str]:
    """CSV text by export, annexes being in the order of their ids."""
    return {
        "annexes": _csv(ANNEXES, map(_annex_row, annexes)),
        "annex-months": _csv(
            ANNEX_MONTHS, (_month_row(month) for annex in annexes for month in annex.months)
        ),
        "structures": _csv(STRUCTURES, _structure_rows(annexes)),
        "territories": _csv(TERRITORIES, _territory_rows(annexes)),
    }


def _annex_row(annex: Annex) -> Row:
    version = annex.version
    posts, months = version.contracted, len(version.period)
    annual = posts * months / 12
    of_department = annual * department_share(version)
    validated = [month.realised or Fraction(0) for month in annex.months if month.validated]
    realised = sum(validated, Fraction(0))
    mean = realised / len(validated) if validated else None
    rate = mean / posts if mean is not None and posts else None
    used = None if version.unit_amount is None else realised / 12 * version.unit_amount
    return [
        version.annex_id,
        version.number,
        version.renewal,
        version.amendment,
        version.state,
        version.structure_id,
        version.kind,
        version.regime,
        annex.department,
        annex.region,
        version.starts_on,
        version.ends_on,
        months,
        rounded(version.hours_base, 2),
        *(rounded(figure, 6) for figure in (posts, annual, annual - of_department, of_department)),
        rounded(version.unit_amount, 2),
        rounded(version.total, 2),
        rounded(version.cofinanced or Fraction(0), 2),
        len(validated),
        *(rounded(figure, 6) for figure in (realised, mean, realised / 12, rate)),
        classify(posts, mean),
        rounded(used, 2),
    ]


def _month_row(month: AnnexMonth) -> Row:
    return [
        month.version.annex_id,
        month.month // 12,
        month.month % 12 + 1,
        _boolean(month.in_period),
        rounded(month.version.contracted if month.in_period else None, 6),
        month.state,
        _boolean(month.validated),
        month.lines,
        rounded(month.hours, 2),
        rounded(month.realised, 6),
        rounded(None if month.realised is None else month.realised / 12, 6),
        _boolean(month.late),
    ]


def _structure_rows(annexes: list[Annex]) -> Iterable[Row]:
    groups: defaultdict[tuple[int, str, int], list[AnnexMonth]] = defaultdict(list)
    for annex in annexes:
        for month in annex.months:
            if month.in_period:
                key = annex.version.structure_id, annex.version.kind, month.month
                groups[key].append(month)
    for (structure, kind, index), months in sorted(groups.items()):
        sums = (rounded(figure, 6) for figure in _sums(months))
        yield [structure, kind, index // 12, index % 12 + 1, len(months), *sums]


def _territory_rows(annexes: list[Annex]) -> Iterable[Row]:
    groups: defaultdict[tuple[int, str, str, str], list[AnnexMonth]] = defaultdict(list)
    for annex in annexes:
        for month in annex.months:
            if month.in_period:
                key = month.month, annex.version.kind, annex.department, annex.region
                groups[key].append(month)
    for (index, kind, department, region), months in sorted(groups.items()):
        contracted, contracted_validated, realised = _sums(months)
        yield [
            index // 12,
            index % 12 + 1,
            kind,
            department,
            region,
            len({month.version.structure_id for month in months}),
            len(months),
            rounded(contracted, 6),
            rounded(contracted_validated, 6),
            rounded(realised, 6),
            rounded(realised / contracted_validated if contracted_validated else None, 6),
            UNMASKED,
        ]


def _sums(months: list[AnnexMonth]) -> tuple[Fraction, Fraction, Fraction]:
    """Contracted, contracted of the validated months, their realised; in monthly ETP."""
    zero = Fraction(0)
    validated = [month for month in months if month.validated]
    return (
        sum((month.version.contracted for month in months), zero),
        sum((month.version.contracted for month in validated), zero),
        sum((month.realised or zero for month in validated), zero),
    )


def rounded(number: Fraction | None, decimals: int) -> str:
    """Half up, of a number that is not negative; empty when undefined."""
    if number is None:
        return ""
    units = (2 * number * 10**decimals + 1) // 2
    return f"{units // 10**decimals}.{units % 10**decimals:0{decimals}d}"


def _boolean(value: bool) -> str:
    return "true" if value else "false"


def _csv(columns: str, rows: Iterable[Row]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns.split())
    writer.writerows(rows)
    return text.getvalue()
