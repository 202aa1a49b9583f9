"""`python -m tests.benchmarks [NAME…]`: measures, `bench.json`, a table; 1 when a bar is missed.

Each subject is a function of a module beside this one. All ratios are to a raw baseline of the
same run, in turn, medians of several rounds.
"""

import argparse
import json
import logging
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from rich.console import Console
from rich.table import Table

from shared.telemetry.logging import configure_logging
from tests.benchmarks import consumer, door, latency, modulation, nation, reader, relaying, writing
from tests.benchmarks.bench import FULL, SMALL, Bench
from tests.benchmarks.measures import Measure

SUBJECTS: Mapping[str, Callable[[Bench], Iterator[Measure]]] = {
    "reader": reader.reader,
    "consume": consumer.consume,
    "shell": consumer.shell,
    "write": writing.write,
    "relay": relaying.relay,
    "rebuild": consumer.rebuild,
    "latency": latency.latency,
    "door": door.door,
    "figure": door.figure,
    "nation": nation.nation,
    "modulation": modulation.modulation,
}
RESULTS = Path("bench.json")


def main() -> int:
    """Measure what is asked for, all by default."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("subjects", nargs="*", metavar="NAME", help=", ".join(SUBJECTS))
    parser.add_argument("--small", action="store_true", help="tries the code, proves nothing")
    parser.add_argument("--out", type=Path, default=RESULTS)
    asked = parser.parse_args()
    unknown = set(asked.subjects) - set(SUBJECTS)
    if unknown:
        parser.error(f"unknown: {', '.join(sorted(unknown))}")
    logging.disable(logging.WARNING)
    configure_logging("bench", "WARNING")
    with Bench(SMALL if asked.small else FULL) as bench:
        names = asked.subjects or list(SUBJECTS)
        measures = [measure for name in names for measure in SUBJECTS[name](bench)]
    asked.out.write_text(json.dumps([asdict(one) for one in measures], indent=2) + "\n")
    show(measures)
    return 0 if all(one.holds for one in measures) else 1


def show(measures: Sequence[Measure]) -> None:
    """A row per measure."""
    table = Table("mesure", "nôtre", "référence", "rapport", "barre", "tient")
    for one in measures:
        sign = "≥" if one.bar == "at least" else "≤"
        bar = "" if one.bound is None else f"{sign} {one.bound:g}"
        holds = "" if one.bound is None else "oui" if one.holds else "NON"
        figures = (f"{x:.4g}" for x in (one.value, one.baseline, one.ratio))
        table.add_row(one.name, *figures, bar, holds)
    Console(width=120).print(table)


if __name__ == "__main__":
    sys.exit(main())
