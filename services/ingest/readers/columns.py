"""The header of a file against the columns that its view uses and those that are known."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from services.ingest.readers.refusals import DeliveryRefused
from services.ingest.readers.views import View
from shared.reference.feed import feed_headers


@dataclass(frozen=True, slots=True)
class Header:
    """Where each column used lies (from 0), those absent left out; the warnings of the header."""

    places: dict[str, int]
    warnings: Counter[str]


def read_header(view: View, columns: Sequence[str], file: str) -> Header:
    """Columns are found by name. Raises `DeliveryRefused`: `missing-column` for a required one,
    `duplicate-column` for a used one that the header bears twice."""
    bears = Counter(columns)
    warnings: Counter[str] = Counter()
    for column in view.columns:
        if bears[column.name] > 1:
            message = f"la colonne {column.name} est présente deux fois."
            raise DeliveryRefused("duplicate-column", message, file)
        if bears[column.name]:
            continue
        if column.required and not (column.or_else and bears[column.or_else]):
            message = f"la colonne obligatoire {column.name} manque."
            raise DeliveryRefused("missing-column", message, file)
        warnings["missing-column"] += 1
    warnings["unknown-column"] += len(bears.keys() - feed_headers().get(view.name, frozenset()))
    used = {column.name for column in view.columns}
    return Header({name: columns.index(name) for name in used & bears.keys()}, warnings)
