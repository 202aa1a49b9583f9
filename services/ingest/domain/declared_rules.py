"""What is refused of a declaration whose form is right: there a person can still correct.

From the feed, warnings about the declared month itself (hours, kind, dates) keep the row; through
JSON they refuse the declaration, and so do a NIR that identifies nobody or has a wrong key, an RSA
status that is none (our reading: who typed it can type it again), and an unknown exit reason.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Final

from services.ingest.domain.declarations import Declaration
from services.ingest.domain.declared_months import DeclaredMonth, Line
from services.ingest.domain.measures import GRANT_WITHOUT_POSTS, KNOWN_MEASURES
from services.ingest.domain.nir import has_wrong_key, identity_of
from shared.contracts.registry import DocumentType
from shared.reference.exit_reasons import WITHOUT_REASON, read_reason
from shared.web.faults import Fault

MONTHLY_HOURS: Final = 744
"""Hours of a month of 31 days: nobody works more."""
_PLAIN_HOURS: Final = frozenset(map(str, range(MONTHLY_HOURS + 1)))
"""How the hours of nearly every line are written."""
RSA: Final = ("NON", "OUI-M", "OUI-NM")
"""What a contract says of the RSA before hiring."""


def refusals(declaration: Declaration) -> tuple[Fault, ...]:
    """All that is wrong with a declaration, in the order of its fields; nothing with a
    withdrawal."""
    rule = _RULES.get(declaration.type)
    return () if declaration.withdrawn or rule is None else tuple(rule(declaration.data))


def _annex(data: Any) -> Iterator[Fault]:
    yield from _measure(data.measure)
    if data.ends_on < data.starts_on:
        yield Fault("end-before-start", "data.ends_on", "La fin précède le début.")
    without_posts = data.measure.partition("_")[0] == GRANT_WITHOUT_POSTS
    if data.contracted_etp is None and not without_posts:
        yield Fault("missing-value", "data.contracted_etp", "Valeur obligatoire.")


def _month(month: DeclaredMonth) -> Iterator[Fault]:
    if _is_plain(month.lines):
        return
    seen: set[tuple[int, int]] = set()
    for place, line in enumerate(month.lines):
        key = (line.line_id, line.version)
        if key in seen:
            message = "Cette ligne est déjà dans le mois."
            yield Fault("key-reused", f"data.lines.{place}.line_id", message)
        seen.add(key)
        if line.contract_id is None and not isinstance(line.person_id, int):
            message = "Un contrat, ou à défaut une personne, est obligatoire."
            yield Fault("missing-value", f"data.lines.{place}.contract_id", message)
        for code, message in _wrong_hours(line.hours):
            yield Fault(code, f"data.lines.{place}.hours", message)


def _is_plain(lines: Sequence[Line]) -> bool:
    """No line of a month can be wrong: most months need no closer look, and a batch has thousands
    of lines."""
    return (
        len({line.line_id for line in lines}) == len(lines)
        and None not in {line.contract_id for line in lines}
        and _PLAIN_HOURS.issuperset([line.hours for line in lines])
    )


def _wrong_hours(text: str) -> Iterator[tuple[str, str]]:
    """Code and message of what is wrong with a line's hours."""
    hours = Decimal(text)
    if hours > MONTHLY_HOURS:
        yield "hours-over-744", "Plus de 744 heures dans un mois."
    if hours != hours.to_integral_value():
        yield "hours-not-whole", "Des heures entières sont attendues."


def _employment(data: Any) -> Iterator[Fault]:
    if data.nir is not None and identity_of(data.nir) is None:
        yield Fault("unreadable-nir", "data.nir", "Ce n'est pas un NIR de 13 ou 15 caractères.")
    elif has_wrong_key(data.nir):
        yield Fault("nir-key", "data.nir", "La clé de ce NIR est fausse.")
    if data.nir is None and data.person_id is None:
        yield Fault("missing-value", "data.nir", "Un NIR, ou à défaut person_id, est obligatoire.")
    if data.measure is not None:
        yield from _measure(data.measure)
    if data.ends_on is not None and data.ends_on < data.hired_on:
        yield Fault("end-before-start", "data.ends_on", "La fin précède l'embauche.")
    if data.rsa is not None and data.rsa not in RSA:
        yield Fault("invalid-value", "data.rsa", f"Valeurs possibles : {', '.join(RSA)}.")


def _exit(data: Any) -> Iterator[Fault]:
    """From the feed, a reason that neither its label nor its category classes is read as none."""
    read = read_reason(data.reason, data.category)
    if not read.known and read.of.label == WITHOUT_REASON:
        message = "Ce motif n'est pas de la nomenclature des sorties."
        path = "data.category" if data.reason is None else "data.reason"
        yield Fault("unknown-exit-reason", path, message)


def _measure(code: str) -> Iterator[Fault]:
    if code not in KNOWN_MEASURES:
        message = "Type et régime inconnus : ACI_DC, EI_MP… sont attendus."
        yield Fault("unknown-measure", "data.measure", message)


_RULES: Final[Mapping[DocumentType, Callable[[Any], Iterator[Fault]]]] = MappingProxyType(
    {
        DocumentType.FINANCIAL_ANNEX: _annex,
        DocumentType.MONTHLY_STATE: _month,
        DocumentType.EMPLOYMENT: _employment,
        DocumentType.EXIT: _exit,
    }
)
