"""A measure: ours beside a raw baseline of the same run, and the bar that it must hold."""

import statistics
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from rich.console import Console
from rich.progress import track

Bar = Literal["at least", "at most"]
Timed = Callable[[], Awaitable[float]]
"""Does its work, and answers what it measured: seconds, as a rule."""


@dataclass(frozen=True, slots=True)
class Measure:
    """`value` and `baseline` are medians of `n` rounds; `min`, `median` and `max` are of ours.

    `ratio` is baseline / value where the bar is `at least` (speed), value / baseline where it is
    `at most` (cost). Without `bound` it is reported, no more.
    """

    name: str
    value: float
    baseline: float
    ratio: float
    bound: float | None
    holds: bool
    n: int
    min: float
    median: float
    max: float
    bar: Bar


def judge(
    name: str,
    bar: Bar,
    bound: float | None,
    ours: Sequence[float],
    raw: Sequence[float],
) -> Measure:
    """The measure that samples make; both in one unit."""
    value, baseline = statistics.median(ours), statistics.median(raw)
    ratio = baseline / value if bar == "at least" else value / baseline
    holds = bound is None or (ratio >= bound if bar == "at least" else ratio <= bound)
    return Measure(
        name, value, baseline, ratio, bound, holds, len(ours), min(ours), value, max(ours), bar
    )


async def alternate(
    name: str, rounds: int, ours: Timed, raw: Timed
) -> tuple[list[float], list[float]]:
    """Both in turn, `rounds` times, the first one changing; what each measured."""
    of_ours, of_raw = [], []
    for number in track(range(rounds), name, console=Console(stderr=True)):
        for is_ours in (True, False) if number % 2 else (False, True):
            if is_ours:
                of_ours.append(await ours())
            else:
                of_raw.append(await raw())
    return of_ours, of_raw


def timed(work: Callable[[], object]) -> Timed:
    """Seconds of a plain function."""

    async def run() -> float:
        started = time.perf_counter()
        work()
        return time.perf_counter() - started

    return run
