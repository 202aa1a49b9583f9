"""Files that a command refuses whole: every fault with its line and column, in French."""

from pathlib import Path
from typing import Final, NoReturn

from cli import context
from services.modulation.readers.tables import Fault, UnreadableTableError

SHOWN_FAULTS: Final = 20


def refuse_table(source: Path, unreadable: UnreadableTableError) -> NoReturn:
    """Say the first faults and exit with 2."""
    faults = unreadable.faults
    told = [_told(source, fault) for fault in faults[:SHOWN_FAULTS]]
    if len(faults) > SHOWN_FAULTS:
        told.append(f"… et {len(faults) - SHOWN_FAULTS} autres")
    context.fail("\n".join([*told, "Rien n'est écrit."]), context.REFUSED)


def refuse_unwritable(path: Path) -> None:
    """Exit with 2 unless a file may be written at `path`."""
    if path.is_dir() or not path.parent.is_dir():
        context.fail(f"{path} : ce fichier ne peut être écrit", context.REFUSED)


def _told(source: Path, fault: Fault) -> str:
    places = [str(source)]
    if fault.line is not None:
        places.append(f"ligne {fault.line}")
    if fault.column is not None:
        places.append(f"colonne {fault.column}")
    return f"{', '.join(places)} : {fault.reason}"
