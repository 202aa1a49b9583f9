"""What is kept with a warning, counted by code: a row once, a month once per (annex, month)."""

from collections import Counter
from typing import Final

import polars as pl

from services.ingest.domain.declared_rules import MONTHLY_HOURS
from services.ingest.domain.measures import KNOWN_MEASURES
from services.ingest.domain.nir import has_wrong_key
from services.ingest.readers.annex_checks import annex_warnings

__all__ = [
    "annex_warnings",
    "contract_warnings",
    "line_warnings",
    "person_warnings",
    "reason_warnings",
    "structure_warnings",
]

_LA_POSTE: Final = "356000000"
_MONTH: Final = ("emi_afi_id", "emi_sme_annee", "emi_sme_mois")


def structure_warnings(structures: pl.DataFrame) -> Counter[str]:
    """`siret-key`: rows of Structure of which a SIRET has a wrong key."""
    sirets = structures.select("structure_siret_actualise", "structure_siret_signature")
    wrong = sum(not all(map(valid_siret, row)) for row in sirets.iter_rows())
    return Counter({"siret-key": wrong})


def valid_siret(siret: str | None) -> bool:
    """Whether a SIRET is 14 digits with a right key; nothing is right.

    The key is Luhn's; La Poste's establishments may instead have a sum of digits that is a
    multiple of 5 (INSEE).
    """
    if siret is None:
        return True
    if len(siret) != 14 or not (siret.isascii() and siret.isdigit()):
        return False
    digits = [int(digit) for digit in siret]
    doubled = (sum(divmod(2 * digit, 10)) for digit in digits[::2])
    luhn = (sum(doubled) + sum(digits[1::2])) % 10 == 0
    return luhn or (siret.startswith(_LA_POSTE) and sum(digits) % 5 == 0)


def person_warnings(persons: pl.DataFrame) -> Counter[str]:
    """`nir-key`: rows of Salarie whose NIR identifies somebody and has a wrong key.

    Fifteen digits whose key fits need no further look; the others have one each.
    """
    nir = pl.col("salarie_nir")
    number, key = (
        nir.str.slice(*place).cast(pl.Int64, strict=False) for place in ((0, 13), (13, 2))
    )
    fits = nir.str.contains("^[0-9]{15}$") & (key == 97 - number % 97)
    others = persons.filter(~fits).get_column("salarie_nir")
    return Counter({"nir-key": sum(map(has_wrong_key, others))})


def contract_warnings(contracts: pl.DataFrame) -> Counter[str]:
    """`unknown-measure`: contracts that bear a measure which is none of the known ones."""
    unknown = ~pl.col("contrat_mesure_disp_code").is_in(KNOWN_MEASURES)
    return Counter({"unknown-measure": contracts.select(unknown.sum()).item()})


def reason_warnings(reasons: pl.Series, known: pl.Series) -> Counter[str]:
    """`unknown-exit-reason`: rows whose reason's id is not in the referential `known`."""
    unknown = ~reasons.drop_nulls().is_in(known.implode())
    return Counter({"unknown-exit-reason": int(unknown.sum())})


def line_warnings(lines: pl.DataFrame) -> Counter[str]:
    """Warnings of accepted lines, which hold every line of their annexes.

    `hours-over-744`, `hours-not-whole`: lines. `mixed-versions`: months whose lines have several
    versions. `mixed-states`: months whose lines that count have several states; of the lines of
    one contract (of one person, without contract) in a month those of the highest version count.
    """
    found = _hours_warnings(lines["emi_nb_heures_travail"])
    # With one version and one state in all, nothing is mixed and no month need be looked at.
    if lines["emi_sme_version"].n_unique() > 1 or lines["emi_esm_etat_code"].n_unique() > 1:
        found += _mixed_months(lines)
    return found


def _mixed_months(lines: pl.DataFrame) -> Counter[str]:
    version, state = pl.col("emi_sme_version"), pl.col("emi_esm_etat_code")
    months = lines.group_by(_MONTH).agg(
        (version.min() < version.max()).alias("versions"),
        (state.min() < state.max()).alias("states"),
    )
    several = months.filter("versions")
    highest = version.max().over(*_MONTH, "emi_ctr_id", "emi_pph_id")
    counting = lines.join(several, on=_MONTH, how="semi").filter(version == highest)
    states = counting.group_by(_MONTH).agg(state.n_unique()).filter(state > 1)
    alike = months.filter(~pl.col("versions") & pl.col("states"))
    return Counter({"mixed-versions": several.height, "mixed-states": states.height + alike.height})


def _hours_warnings(hours: pl.Series) -> Counter[str]:
    """The same text is looked at once: lines hold far fewer texts than rows."""
    text = pl.col("hours")
    whole = ~text.str.contains(".", literal=True)
    above = text.str.replace(r"\..*", "").cast(pl.Int64)
    over = (above > MONTHLY_HOURS) | ((above == MONTHLY_HOURS) & ~whole)
    rows = pl.col("rows")
    over_744, not_whole = (
        hours.alias("hours")
        .value_counts(name="rows")
        .select(rows.filter(over).sum(), rows.filter(~whole).sum().alias("not_whole"))
        .row(0)
    )
    return Counter({"hours-over-744": over_744, "hours-not-whole": not_whole})
