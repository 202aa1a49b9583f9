"""The difficulties of the real feed, planted one at a time in structures known by their number.

An oddity turns one good row into the rows that are delivered instead of it. Those that a reader
rejects are added beside the good row, so that the figures of the structure still hold.
"""

from collections.abc import Callable, Sequence

from shared.testing.sample.layouts import Layout, Row
from shared.testing.sample.seeding import stream
from shared.testing.sample.structures import Structure

EVERY = 20
"""One structure in twenty bears an oddity of a given view."""

Oddity = Callable[[Row, Structure], list[Row]]


def replaced(**values: str) -> Oddity:
    """The row itself, with other values."""
    return lambda row, _: [row | values]


def added(key: str, rank: int, size: int = 100_000, **values: str) -> Oddity:
    """The row, then a copy with `values` under an id of its own, one of the structure's last."""
    return lambda row, structure: [
        row,
        row | {key: str(structure.identifier(size - 1 - rank, size))} | values,
    ]


def twice(**values: str) -> Oddity:
    """The row, then the same again, with other values if any."""
    return lambda row, _: [row, row | values]


def plant(
    lines: list[str],
    layout: Layout,
    oddities: Sequence[Oddity],
    structure: Structure,
    *,
    seed: int,
    turn: int,
    among: Callable[[Row], bool] = bool,
) -> list[str]:
    """`lines` with the oddity of this structure, if it has one, on one of the rows `among`.

    Structure number n has one when `n % 20 == turn`, and then the `n // 20`-th, in turn.
    """
    if structure.number % EVERY != turn:
        return lines
    oddity = oddities[structure.number // EVERY % len(oddities)]
    places = [rank for rank, line in enumerate(lines) if among(layout.row(line))]
    if not places:
        return lines
    rng = stream(seed, "oddity", layout.view, structure.number)
    place = places[int(rng.random() * len(places))]
    rows = oddity(layout.row(lines[place]), structure)
    return [*lines[:place], *map(layout.line, rows), *lines[place + 1 :]]
