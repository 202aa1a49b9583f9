"""Every place where a home keeps or says something, searched for texts that must not be there."""

import asyncio
import urllib.request
from collections.abc import Iterable, Iterator
from pathlib import Path

import asyncpg

from shared.kafka.topics import TOPICS
from shared.settings import ServiceSettings
from tests.homes import TestHome
from tests.topics import read_topics

_TABLES = (
    "SELECT format('%I.%I', table_schema, table_name) FROM information_schema.tables"
    " WHERE table_type = 'BASE TABLE'"
    " AND table_schema NOT IN ('pg_catalog', 'information_schema')"
)


def places_of(home: TestHome, texts: Iterable[str]) -> dict[str, set[str]]:
    """Where each of `texts` is found, if anywhere: tables, topics, metrics, files of the home."""
    found: dict[str, set[str]] = {text: set() for text in texts}
    for place, content in _contents(home):
        lowered = content.lower()
        for text, places in found.items():
            if text.lower() in lowered or text.encode().hex() in lowered:
                places.add(place)
    return {text: places for text, places in found.items() if places}


def _contents(home: TestHome) -> Iterator[tuple[str, str]]:
    yield from asyncio.run(_tables(home))
    for record in read_topics(home.home.settings(ServiceSettings), list(TOPICS)):
        parts = [record.key, record.value, *(part for pair in record.headers for part in pair)]
        texts = [
            part.decode(errors="replace") if isinstance(part, bytes) else part for part in parts
        ]
        yield f"topic {record.topic}", "\n".join(text or "" for text in texts)
    for name in home.workers:
        with urllib.request.urlopen(f"{home.address(name)}/metrics", timeout=10) as answer:  # noqa: S310
            yield f"metrics {name}", answer.read().decode()
    for path in _files(home.home.path):
        yield f"file {path.name}", path.read_text("utf-8", errors="replace")


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.rglob("*")) if path.is_file())


async def _tables(home: TestHome) -> list[tuple[str, str]]:
    """Each row as text: bytes are hexadecimal there."""
    connection = await asyncpg.connect(home.home.read()["postgres"]["dsn"])
    try:
        names = [row[0] for row in await connection.fetch(_TABLES)]
        return [
            (f"table {name}", row[0])
            for name in names
            for row in await connection.fetch(f"SELECT t::text FROM {name} t")  # noqa: S608 - quoted by format
        ]
    finally:
        await connection.close()
