"""The input of `cadran modulation allocate`: a CSV of candidates, refused whole or read whole."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar

from services.modulation.domain.allocation.candidates import Candidate, GroupKey, refusals
from services.modulation.domain.ratios import Ratio
from services.modulation.domain.rows import CRITERIA
from services.modulation.readers.tables import (
    Fault,
    UnreadableCellError,
    UnreadableTableError,
    exact_number,
    identifier,
    integer,
    read_table,
)
from shared.reference.departments import regions

COLUMNS: Final = (
    "exercise",
    "region",
    "type",
    "structure_id",
    "months_conventioned",
    "socle_eur_cents",
    *(f"ind{criterion}_{part}" for criterion in CRITERIA for part in ("num", "den")),
)

Read = TypeVar("Read")


@dataclass(frozen=True, slots=True)
class Candidates:
    """Candidates that can be allocated to, and what is odd about them: columns that are ignored,
    regions that no reference names, structures in several regions for one exercise and type."""

    rows: Sequence[Candidate]
    ignored_columns: Sequence[str]
    unknown_regions: Sequence[str]
    in_several_regions: Sequence[int]


def read_candidates(path: Path) -> Candidates:
    """The candidates of a file. Raises `UnreadableTableError` with every fault."""
    table = read_table(path, COLUMNS)
    faults: list[Fault] = []
    candidates = []
    first_lines: dict[tuple[GroupKey, int], int] = {}
    for line, cells in table.rows:
        candidate = _Cells(line, cells, faults).candidate()
        if candidate is None:
            continue
        faults += [Fault(line, column, reason) for column, reason in refusals(candidate)]
        first = first_lines.setdefault((candidate.group, candidate.structure_id), line)
        if first != line:
            faults.append(
                Fault(line, "structure_id", f"structure déjà ligne {first} du même groupe")
            )
        candidates.append(candidate)
    if faults:
        raise UnreadableTableError(faults)
    named = {candidate.region for candidate in candidates if candidate.region}
    rows = Counter((row.exercise, row.type, row.structure_id) for row in candidates)
    repeated = {structure_id for (_, _, structure_id), times in rows.items() if times > 1}
    return Candidates(candidates, table.ignored, sorted(named - set(regions())), sorted(repeated))


class _Cells:
    """The cells of a row; what does not read goes to `faults`."""

    def __init__(self, line: int, cells: Mapping[str, str], faults: list[Fault]) -> None:
        self._line, self._cells, self._faults = line, cells, faults

    def candidate(self) -> Candidate | None:
        """The row as a candidate; None when a cell does not read."""
        known = len(self._faults)
        exercise, months, socle = (
            self._read(integer, column)
            for column in ("exercise", "months_conventioned", "socle_eur_cents")
        )
        structure_id = self._read(identifier, "structure_id")
        first, second, third = (self._ratio(criterion) for criterion in CRITERIA)
        if (
            len(self._faults) > known
            or exercise is None
            or months is None
            or socle is None
            or structure_id is None
        ):
            return None
        return Candidate(
            exercise,
            self._cells["region"],
            self._cells["type"],
            structure_id,
            months,
            socle,
            (first, second, third),
        )

    def _ratio(self, criterion: int) -> Ratio:
        return Ratio(
            self._read(exact_number, f"ind{criterion}_num"),
            self._read(exact_number, f"ind{criterion}_den"),
        )

    def _read(self, reader: Callable[[str], Read], column: str) -> Read | None:
        try:
            return reader(self._cells[column])
        except UnreadableCellError as unreadable:
            self._faults.append(Fault(self._line, column, str(unreadable)))
            return None
