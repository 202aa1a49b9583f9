"""Support hours as a CSV: a year's entries, refused whole or read whole."""

import re
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Final, get_args

from services.modulation.domain.facts import SupportHours
from services.modulation.readers.tables import (
    Fault,
    UnreadableCellError,
    UnreadableTableError,
    identifier,
    read_table,
)
from shared.contracts.support_hours_v1 import SupportedKind

COLUMNS: Final = ("structure_id", "kind", "technical_hours", "support_hours")
KINDS: Final[tuple[str, ...]] = get_args(SupportedKind)

_HOURS: Final = re.compile(r"[0-9]{1,18}(?:\.[0-9]{1,30})?", re.ASCII)

Entries = Mapping[tuple[int, str], SupportHours]
"""Entries by structure and kind."""


def read_support_hours(path: Path) -> Entries:
    """The entries of a file. Raises `UnreadableTableError` with every fault."""
    faults: list[Fault] = []
    entries: dict[tuple[int, str], SupportHours] = {}
    first_lines: dict[tuple[int, str], int] = {}
    for line, cells in read_table(path, COLUMNS).rows:
        entry = _entry(line, cells, faults)
        if entry is None:
            continue
        key = entry.structure_id, entry.kind
        first = first_lines.setdefault(key, line)
        if first != line:
            faults.append(Fault(line, "kind", f"structure et type déjà ligne {first}"))
        entries[key] = entry
    if faults:
        raise UnreadableTableError(faults)
    return entries


def _entry(line: int, cells: Mapping[str, str], faults: list[Fault]) -> SupportHours | None:
    known = len(faults)
    structure_id = 0
    try:
        structure_id = identifier(cells["structure_id"])
    except UnreadableCellError as unreadable:
        faults.append(Fault(line, "structure_id", str(unreadable)))
    if cells["kind"] not in KINDS:
        reason = f"type sans heures d'accompagnement (types : {', '.join(KINDS)})"
        faults.append(Fault(line, "kind", reason))
    faults += [
        Fault(line, column, "nombre d'heures illisible")
        for column in COLUMNS[2:]
        if not _HOURS.fullmatch(cells[column])
    ]
    if len(faults) > known:
        return None
    return SupportHours(
        structure_id,
        cells["kind"],
        Decimal(cells["technical_hours"]),
        Decimal(cells["support_hours"]),
    )
