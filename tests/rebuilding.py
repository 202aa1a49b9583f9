"""A home whose `etp` projection is rebuilt: what was sent to it, and what it holds."""

import asyncio
import random
from datetime import date
from typing import Any

import asyncpg

from services.etp.database import build_database
from services.etp.exports.files import export_csv
from services.etp.queries.selection import Selection
from services.etp.settings import EtpSettings
from shared.database.reads import LATEST
from shared.settings import ServiceSettings
from tests.events import declare, produce, random_events
from tests.homes import TestHome, counted, wait_for_records
from tests.integration.test_any_order import TABLES
from tests.oracle import Event, fold

COMPARED = {"structure", "financial_annex_version", "monthly_state", "employment_rsa"}
SCHEMAS = {"etp", "etp_projection", "ingest", "modulation", "modulation_projection"}
SHADOWED = SCHEMAS | {"etp_next", "etp_projection_next"}


def employment(rng: random.Random, number: int) -> Event:
    data = {"contract_id": rng.randrange(1, 6), "structure_id": 1, "person": "0" * 32}
    told = {"hired_on": "2026-01-01", "rsa": rng.choice(["OUI-M", "NON", None])}
    return declare("employment", "declared", number, "asp", {**data, **told})


class Projected:
    """A home, and what was sent to its worker."""

    def __init__(self, home: TestHome) -> None:
        self.home = home
        self.events: list[Event] = []
        self.records = 0

    def send(self, seed: int) -> None:
        """Random events of their own time, in a random order and some of them twice."""
        rng = random.Random(seed)
        first = 1_000 * seed
        events = random_events(seed, first=first)
        events += [employment(rng, first + 500 + number) for number in range(20)]
        sent = [*events, *rng.sample(events, 100)]
        rng.shuffle(sent)
        asyncio.run(produce(self.home.home.settings(ServiceSettings), sent))
        self.events += events
        self.records += len(sent)

    def settle(self) -> None:
        wait_for_records(self.home, self.records)
        assert sum(counted(self.home).values()) == self.records

    def assert_is_the_fold(self) -> None:
        expected = fold(self.events, self.home.today)
        assert asyncio.run(self._exports()) == {table: expected[table] for table in TABLES}

    async def _exports(self) -> dict[str, str]:
        """As `cadran export` writes them."""
        settings, out = self.home.home.settings(EtpSettings), self.home.home.path / "export.csv"
        today, texts = date.fromisoformat(self.home.today), {}
        async with await build_database(settings, "test").pool(1) as pool:
            for table in TABLES:
                await export_csv(pool, table, out, Selection(as_of=LATEST), today)
                texts[table] = out.read_text("utf-8")
        return texts

    def rebuild(self, *options: str, expect: int = 0) -> dict[str, int]:
        """Rows that differ, by table."""
        rows = self.home.cadran_json("rebuild", "etp", *options, expect=expect)["rows"]
        assert all(row["rows"] > 0 for row in rows)
        return {row["table"]: row["different"] for row in rows}

    def sql(self, statement: str) -> list[Any]:
        """As the administrator."""

        async def run() -> list[Any]:
            connection = await asyncpg.connect(self.home.home.read()["postgres"]["dsn"])
            try:
                return list(await connection.fetch(statement))
            finally:
                await connection.close()

        return asyncio.run(run())

    def schemas(self) -> set[str]:
        rows = self.sql(
            "SELECT nspname FROM pg_namespace WHERE nspname ~ '^(etp|ingest|modulation)'"
        )
        return {row[0] for row in rows}
