"""The measures that the ASP codes: kind and regime of an annex or a contract."""

from typing import Final

from shared.reference.hour_bases import hour_bases

GRANT_WITHOUT_POSTS: Final = "FDI"
KNOWN_MEASURES: Final = frozenset(
    f"{kind}_{regime}" for kind in (*hour_bases(), GRANT_WITHOUT_POSTS) for regime in ("DC", "MP")
)
"""Kind and regime: *droit commun*, *milieu pénitentiaire*."""
