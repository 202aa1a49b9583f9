"""Warnings about rows of AnnexeFinanciere, and the hours base of each.

Amounts are exact: `Fraction`, rounded to the cent where the ASP rounds.
"""

import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date
from fractions import Fraction
from math import floor
from typing import Any, Final

import polars as pl

from services.ingest.domain.measures import KNOWN_MEASURES
from shared.reference.hour_bases import hour_base

HOURS_BASE: Final = "hours_base"
HOURS_LABEL: Final = "Nombre d'heures annuelles théoriques pour un salarié à taux plein"


def annex_warnings(
    annexes: pl.DataFrame, referential: pl.DataFrame
) -> tuple[pl.DataFrame, Counter[str]]:
    """Accepted rows with the column `hours_base` (canonical decimal text, hours of one yearly
    ETP, null when nothing tells it), and the count of their warnings by code.

    `referential` has RefMontantIae's `rmi_id`, `rmi_libelle`, `rmi_valeur`.
    """
    of_referential = _hours_of_referential(referential)
    bases: list[str | None] = []
    warnings: Counter[str] = Counter()
    for row in annexes.iter_rows(named=True):
        base, fallback = _hours_base(row, of_referential)
        bases.append(base)
        warnings.update(fallback)
        warnings.update(_amount_warnings(row))
        if row["af_mesure_dispositif_code"] not in KNOWN_MEASURES:
            warnings["unknown-measure"] += 1
    return annexes.with_columns(pl.Series(HOURS_BASE, bases, dtype=pl.String)), warnings


def _hours_of_referential(referential: pl.DataFrame) -> dict[int, str]:
    """Hours by id of the rows whose label is the hours one."""
    label = _letters(HOURS_LABEL)
    rows = referential.select("rmi_id", "rmi_libelle", "rmi_valeur").iter_rows()
    return {identifier: value for identifier, text, value in rows if _letters(text or "") == label}


def _letters(text: str) -> str:
    """Letters and digits alone, without case or accents."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(character for character in decomposed if character.isalnum())


def _hours_base(
    row: Mapping[str, Any], of_referential: Mapping[int, str]
) -> tuple[str | None, list[str]]:
    """The annex's own hours unless empty or 0, else the referential's, else its kind's."""
    own = row["af_duree_heure_annuel_etp_valeur"]
    if own not in {None, "0"}:
        return own, []
    listed = of_referential.get(row["af_duree_heure_annuel_etp_id"])
    if listed not in {None, "0"}:
        return listed, ["hours-base-from-referential"]
    measure = row["af_mesure_dispositif_code"]
    kind = measure.partition("_")[0] if measure in KNOWN_MEASURES else ""
    default = hour_base(kind, row["af_date_debut_effet"])
    return (None, []) if default is None else (str(default.hours), ["hours-base-from-kind"])


def _amount_warnings(row: Mapping[str, Any]) -> Iterator[str]:
    """Of a row with posts: a total that is not the ASP's rule, a cofinancing above the total."""
    posts, unit, total, cofinanced = (
        None if row[column] is None else Fraction(row[column])
        for column in (
            "af_etp_postes_insertion",
            "af_montant_unitaire_annuel_valeur",
            "af_montant_total_annuel",
            "af_mt_cofinance",
        )
    )
    if posts is None or total is None:
        return
    months = months_touched(row["af_date_debut_effet"], row["af_date_fin_effet"])
    if unit is not None and total != granted(posts, unit, months):
        yield "total-not-by-rule"
    if cofinanced is not None and cofinanced > total > 0:
        yield "cofinancing-over-total"


def months_touched(start: date, end: date) -> int:
    """Calendar months that a period touches, the day of the month left aside."""
    return 12 * (end.year - start.year) + end.month - start.month + 1


def granted(posts: Fraction, unit: Fraction, months: int) -> Fraction:
    """Euros that the ASP grants: a year's to the cent, else a month's to the cent times months."""
    if months == 12:
        return _to_the_cent(posts * unit)
    return _to_the_cent(posts * unit / 12) * months


def _to_the_cent(euros: Fraction) -> Fraction:
    """Half up."""
    return Fraction(floor(euros * 100 + Fraction(1, 2)), 100)
