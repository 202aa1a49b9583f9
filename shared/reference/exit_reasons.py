"""Why people leave a SIAE: the official classes of reasons, from `exit_reasons.csv` (Instruction
DGEFP 2018/239, annex 3)."""

import csv
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Final

WITHOUT_REASON: Final = "SANS MOTIF"
"""The class of an exit whose reason is not declared, or is none of the table's."""

EMPLOYER_ENDED: Final = "RUPTURE A L'INITIATIVE DE L'EMPLOYEUR"


@dataclass(frozen=True, slots=True)
class ReasonClass:
    """What a reason counts as. `label` is the table's own, `category` as `Emploi durable`,
    `asp_category` the ASP's name of it. `success`: in the numerator of the results; `counted`: in
    their denominator (a *retrait* is in neither); `employment`: durable or transition."""

    label: str
    category: str
    asp_category: str
    success: bool
    counted: bool
    employment: bool


@dataclass(frozen=True, slots=True)
class ReadReason:
    """The class of an exit; `label` is the table's reason, None when the category alone says the
    class. `known` is false when something was declared that the table does not hold."""

    of: ReasonClass
    label: str | None
    known: bool


@cache
def reason_classes() -> Mapping[str, ReasonClass]:
    """The rows of the table by label, in its order."""
    text = files("shared.reference").joinpath("exit_reasons.csv").read_text("utf-8")
    return MappingProxyType(
        {
            row["motif"]: ReasonClass(
                label=row["motif"],
                category=row["categorie"],
                asp_category=row["categorie_asp"],
                success=row["numerateur"] == "1",
                counted=row["denominateur"] == "1",
                employment=row["emploi"] == "1",
            )
            for row in csv.DictReader(text.splitlines())
        }
    )


def read_reason(reason: str | None, category: str | None) -> ReadReason:
    """The class of a declared reason: by its label, else by its category for the ASP, else
    without reason (case, accents and spaces ignored)."""
    if reason is not None and (named := _by_label().get(_folded(reason))):
        return ReadReason(named, named.label, known=True)
    if category is not None and (of := _by_category().get(_folded(category))):
        return ReadReason(of, None, known=reason is None)
    without = reason_classes()[WITHOUT_REASON]
    return ReadReason(without, without.label, known=not (reason or category))


@cache
def _by_label() -> Mapping[str, ReasonClass]:
    return {_folded(label): row for label, row in reason_classes().items()}


@cache
def _by_category() -> Mapping[str, ReasonClass]:
    """A row of each category: its rows differ by their label alone."""
    return {_folded(row.asp_category): row for row in reason_classes().values() if row.asp_category}


def _folded(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text)
    plain = "".join(one for one in decomposed if not unicodedata.combining(one))
    return "".join(plain.casefold().split())
