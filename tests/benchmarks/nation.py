"""The nation: from feed files to projected rows, `ingest` and `etp` running; the same feed again;
three months in a hundred changed; memory, and memory after replays."""

import asyncio
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from aiokafka import AIOKafkaProducer

from services.etp.database import build_database
from services.etp.settings import TOPICS, EtpSettings
from services.ingest.database import build_database as build_ingest_database
from services.ingest.settings import IngestSettings
from shared.kafka.cluster import bounds, read_record
from shared.kafka.security import client_options
from tests.benchmarks.bench import Bench
from tests.benchmarks.measures import Measure, judge
from tests.benchmarks.replays import TABLES
from tests.homes import PROJECT, TestHome

MIB = 1_048_576
POLL_SECONDS = 0.05
REPLAYS = 3
CHANGED_PERCENT = 3


class Load(NamedTuple):
    """Seconds until all is in the outbox, and until the last row is projected; the command's
    largest memory, in bytes."""

    accepted: float
    projected: float
    memory: float


class Round(NamedTuple):
    """One round, on servers that keep nothing of another."""

    raw: float
    first: Load
    again: Load
    changed: Load
    memory: dict[str, float]
    after_replays: list[float]


def nation(bench: Bench) -> Iterator[Measure]:
    """All of it, in every round."""
    feed = bench.feed(bench.scale.nation, bench.scale.years)
    changed = bench.feed(bench.scale.nation, bench.scale.years, CHANGED_PERCENT)
    rounds = [_round(bench, number, feed, changed) for number in range(bench.scale.rounds)]
    raw = [one.raw for one in rounds]
    first = [one.first.projected for one in rounds]
    again = [one.again.projected for one in rounds]
    news = [one.changed.projected for one in rounds]
    outbox = [one.first.accepted for one in rounds]
    yield judge("nation: first load / raw polars and COPY", "at most", 6, first, raw)
    yield judge("nation: until all is in the outbox / raw", "at most", None, outbox, raw)
    yield judge("nation: the same feed again / first load", "at most", 0.25, again, first)
    yield judge("nation: 3 % changed / first load", "at most", 0.35, news, first)
    for name in rounds[0].memory:
        peaks = [one.memory[name] for one in rounds]
        limit = [1_024.0] * len(peaks)
        yield judge(f"nation: largest memory of {name} (MiB) / 1 GiB", "at most", 1, peaks, limit)
    last = [one.after_replays[-1] for one in rounds]
    begun = [one.after_replays[0] for one in rounds]
    yield judge("nation: memory (MiB) after the third replay / first", "at most", 1.10, last, begun)


def _round(bench: Bench, number: int, feed: Path, changed: Path) -> Round:
    home = bench.home(f"nation{number}")
    dsn = home.home.read()["postgres"]["dsn"]
    raw = float(_python("-m", "tests.benchmarks.raw_load", str(feed), dsn))
    home.start("ingest-worker", "worker", "ingest")
    home.start("etp-worker", "worker", "etp")
    first, again, news = (load(home, folder) for folder in (feed, feed, changed))
    memory = {name: peak(process.pid) / MIB for name, process in home.workers.items()}
    memory["cadran load"] = max(one.memory for one in (first, again, news)) / MIB
    replays = [asyncio.run(_replay(home)) for _ in range(REPLAYS)]
    home.stop_all()
    return Round(raw, first, again, news, memory, replays)


def load(home: TestHome, feed: Path) -> Load:
    """`cadran load`, as a person runs it, then until `etp` passed the end of the log."""
    started = time.perf_counter()
    command = subprocess.Popen(
        [sys.executable, "-m", "cli.main", "load", str(feed)],
        env=home.environment(),
        cwd=PROJECT,
        stdout=subprocess.DEVNULL,
    )
    _, status, usage = os.wait4(command.pid, 0)
    command.returncode = os.waitstatus_to_exitcode(status)
    assert command.returncode == 0
    accepted = time.perf_counter() - started
    asyncio.run(projected(home))
    return Load(accepted, time.perf_counter() - started, usage.ru_maxrss * 1_024)


def peak(pid: int) -> int:
    """`VmHWM`: the largest memory that a process ever had, in bytes."""
    return _status(pid, "VmHWM")


def _status(pid: int, name: str) -> int:
    found = re.search(rf"^{name}:\s+(\d+) kB$", Path(f"/proc/{pid}/status").read_text(), re.M)
    assert found is not None
    return int(found[1]) * 1_024


async def projected(home: TestHome) -> None:
    """Return once the outbox is empty and `etp` passed the end of every partition."""
    while await _any(home.home.settings(IngestSettings), "SELECT EXISTS (SELECT FROM outbox)"):
        await asyncio.sleep(POLL_SECONDS)
    settings = home.home.settings(EtpSettings)
    limits = await bounds(settings, [settings.topic(name) for name in TOPICS])
    ends = {key: end for key, (first, end) in limits.items() if end > first}
    async with build_database(settings, "bench").connection() as connection:
        while True:
            rows = await connection.fetch(
                "SELECT topic, partition, next_offset FROM consumer_position"
            )
            reached = {(row[0], row[1]): row[2] for row in rows}
            if all(reached.get(key) == end for key, end in ends.items()):
                return
            await asyncio.sleep(POLL_SECONDS)


async def _any(settings: IngestSettings, query: str) -> bool:
    async with build_ingest_database(settings, "bench").connection() as connection:
        return bool(await connection.fetchval(query))


async def _replay(home: TestHome) -> float:
    """Memory in use (MiB) once the worker, which keeps running, read the whole log again: its rows
    and positions are taken away, and a record that comes in each partition makes it see that."""
    settings = home.home.settings(EtpSettings)
    limits = await bounds(settings, [settings.topic(name) for name in TOPICS])
    last = [
        await read_record(settings, topic, partition, end - 1)
        for (topic, partition), (first, end) in limits.items()
        if end > first
    ]
    async with build_database(settings, "bench").connection() as connection:
        await connection.execute(f"TRUNCATE {', '.join(TABLES)}")
    producer = AIOKafkaProducer(**client_options(settings))
    await producer.start()
    for record in filter(None, last):
        await producer.send_and_wait(
            record.topic,
            record.value,
            key=record.key,
            partition=record.partition,
            headers=list(record.headers),
        )
    await producer.stop()
    await projected(home)
    return _status(home.workers["etp-worker"].pid, "VmRSS") / MIB


def _python(*arguments: str) -> str:
    return subprocess.run(
        [sys.executable, *arguments], cwd=PROJECT, stdout=subprocess.PIPE, text=True, check=True
    ).stdout
