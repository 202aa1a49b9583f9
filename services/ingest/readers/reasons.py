"""What a person reads of a rejected row, by code and kind of column."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from services.ingest.readers.values import INTEGER_LIMITS, Kind

_REASONS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "column-count": "la ligne n'a pas le même nombre de colonnes que l'en-tête",
        "missing-value": "une valeur obligatoire manque",
        "unreadable-number": "nombre illisible : des chiffres et au plus un point sont attendus",
        "unreadable-date": "date illisible : JJ/MM/AAAA est attendu",
        "negative-number": "un nombre négatif n'est pas accepté",
        "unknown-state": "état inconnu",
        "month-out-of-range": "le mois n'est pas entre 1 et 12",
        "end-before-start": "la date de fin précède celle de début",
        "key-reused": "cet identifiant est déjà celui d'une ligne précédente, de contenu différent",
    }
)
_INTEGER: Final = "nombre illisible : seuls des chiffres sont attendus"


def reason(code: str, kind: Kind | None = None) -> str:
    """The reason in French of a reject's code, on a column of this kind if there is one."""
    if code == "unreadable-number" and kind in INTEGER_LIMITS:
        return _INTEGER
    return _REASONS[code]
