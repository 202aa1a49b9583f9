"""An independent reading of a delivery and of the ETP rules: slow, plain, to compare with.

It imports nothing of `services` or `shared`; two csv files of `shared/reference` are its data.
"""

from collections.abc import Iterable, Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

from tests.oracle_feed import declarations
from tests.oracle_rules import Declarations, Line, Version, counted_annexes
from tests.oracle_tables import tables

Event = tuple[str, str, int, int, dict[str, Any]]
"""Type name (`fr.cadran.monthly-state.declared.v1`), source, rank (1 the best), revision, data."""
NATURAL_KEYS = {
    "structure": ("structure_id",),
    "financial-annex": ("amendment_id",),
    "monthly-state": ("annex_id", "year", "month"),
}


def exports(feed: Path, today: str) -> dict[str, str]:
    """CSV text of `annexes`, `annex-months`, `structures` and `territories` of one delivery.

    `feed` is its folder, `today` the business date in ISO. `RefusedError` when a file may not be
    read.
    """
    return tables(counted_annexes(declarations(feed), today))


def fold(events: Iterable[Event], today: str) -> dict[str, str]:
    """The same four tables from events, whatever their order and repetitions.

    Of each natural key and source the highest revision holds; what is withdrawn is out; of the
    sources left the best rank counts, then, at equal rank, the higher revision; only rank 1 may
    validate a month. Of a structure
    the highest revision of all sources holds (its topic is compacted). Types outside
    `NATURAL_KEYS` have no part in these tables. Events are such as the door publishes: an annex
    that counts bears posts, a line a contract or a person, and no two revisions are equal.
    """
    return tables(counted_annexes(declarations_of(current(events, NATURAL_KEYS)), today))


def current(
    events: Iterable[Event], natural_keys: Mapping[str, tuple[str, ...]]
) -> dict[tuple[str, tuple[Any, ...]], Event]:
    """Of each document of these types the event that counts, as `fold` says."""
    latest: dict[tuple[str, tuple[Any, ...], str], Event] = {}
    for event in events:
        document = event[0].split(".")[-3]
        if document in natural_keys:
            source = "" if document == "structure" else event[1]
            key = document, tuple(event[4][name] for name in natural_keys[document]), source
            if key not in latest or event[3] > latest[key][3]:
                latest[key] = event
    best: dict[tuple[str, tuple[Any, ...]], Event] = {}
    for (document, natural, _), event in latest.items():
        held = best.get((document, natural))
        withdrawn = event[0].split(".")[-2] == "withdrawn"
        if not withdrawn and (held is None or _preference(event) > _preference(held)):
            best[document, natural] = event
    return best


def _preference(event: Event) -> tuple[int, int]:
    return -event[2], event[3]


def declarations_of(best: Mapping[tuple[str, tuple[Any, ...]], Event]) -> Declarations:
    """Structures, annexes and months among the documents that count."""
    insee: dict[int, str] = {}
    versions: list[Version] = []
    best_ranks = _best_ranks(best)
    months: dict[tuple[int, int], list[Line]] = {}
    provisional: set[tuple[int, int]] = set()
    for (document, natural), (_, _, rank, _, data) in best.items():
        if document == "structure":
            insee[natural[0]] = data.get("insee_code") or ""
        elif document == "financial-annex":
            if rank == best_ranks[data["annex_id"]]:
                versions.append(_version(data))
        elif document == "monthly-state":
            annex_id, year, month = natural
            months[annex_id, 12 * year + month - 1] = [_line(line) for line in data["lines"]]
            if rank > 1:
                provisional.add((annex_id, 12 * year + month - 1))
    return Declarations(insee, versions, months, frozenset(provisional))


def _best_ranks(best: Mapping[tuple[str, tuple[Any, ...]], Event]) -> dict[int, int]:
    """Of each annex the best rank that holds one of its versions: it alone has a say on it."""
    ranks: dict[int, int] = {}
    for (document, _), (_, _, rank, _, data) in best.items():
        if document == "financial-annex":
            ranks[data["annex_id"]] = min(rank, ranks.get(data["annex_id"], rank))
    return ranks


def _version(data: dict[str, Any]) -> Version:
    return Version(
        annex_id=data["annex_id"],
        amendment_id=data["amendment_id"],
        structure_id=data["structure_id"],
        number=data["annex_number"],
        measure=data["measure"],
        renewal=data["renewal"],
        amendment=data["amendment"],
        state=data["state"],
        starts_on=str(data["starts_on"]),
        ends_on=str(data["ends_on"]),
        contracted=_exact(data.get("contracted_etp")) or Fraction(0),
        base=_exact(data.get("hours_base")),
        unit_amount=_exact(data.get("unit_amount")),
        total=_exact(data.get("total_amount")),
        cofinanced=_exact(data.get("cofinanced_amount")),
        received_on=data.get("received_on") or "",
    )


def _line(data: dict[str, Any]) -> Line:
    contract = data.get("contract_id")
    owner = ("person", data["person"]) if contract is None else ("contract", contract)
    return Line(data["line_id"], data["version"], data["state"], Fraction(data["hours"]), owner)


def _exact(text: str | None) -> Fraction | None:
    return None if text is None else Fraction(text)
