"""The HTTP door: batches of 500 acknowledged / raw aiokafka produce of the same bytes; from a
declaration accepted to its figure readable."""

import asyncio
import json
import statistics
import time
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

import httpx

from services.ingest.settings import IngestSettings
from shared.contracts.registry import DECLARATIONS, DocumentType
from shared.database.outbox import OutboxRow
from tests.benchmarks.bench import Bench
from tests.benchmarks.measures import Measure, alternate, judge
from tests.benchmarks.relaying import sent
from tests.benchmarks.writing import of_months
from tests.doors import EXAMPLES, add_client, changed, token_of
from tests.homes import TestHome

BATCH = 500
LOAD = 0.20
WARM = 20
POLL_SECONDS = 0.01
ANNEX = EXAMPLES[DocumentType.FINANCIAL_ANNEX]
MONTH = EXAMPLES[DocumentType.MONTHLY_STATE]


def door(bench: Bench) -> Iterator[Measure]:
    """A territory's months, whose hours differ each time, so that all are published."""
    months = [json.loads(record.value or b"{}") for record in of_months(bench.territory.records)]
    batch = list(islice((month for month in months if _has_contracts(month)), BATCH))
    home = bench.home("door")
    settings = bench.scratch.home.settings(IngestSettings)
    client = _client(home, home.start("web", "web"))
    home.start("ingest-worker", "worker", "ingest")
    rounds = 5 * bench.scale.rounds
    bodies = iter([_bodies(batch, hours) for hours in range(1, rounds + 1)])

    async def posted() -> float:
        body = json.dumps([{"type": "monthly-state", "data": data} for data in next(bodies)])
        started = time.perf_counter()
        await asyncio.to_thread(_declare, client, body)
        return time.perf_counter() - started

    async def produced() -> float:
        values = [json.dumps(data).encode() for data in batch]
        topic = settings.topic(DECLARATIONS)
        return await sent(settings, [OutboxRow(topic, "1", {}, value) for value in values])

    samples = asyncio.run(alternate("door", rounds, posted, produced))
    name = f"HTTP batch of {len(batch)} to acknowledged / raw aiokafka produce"
    yield judge(name, "at least", 0.35, *samples)


def figure(bench: Bench) -> Iterator[Measure]:
    """One declaration a request, at a fifth of what the door takes one after the other."""
    home = bench.home("figure")
    url = home.start("web", "web")
    home.start("ingest-worker", "worker", "ingest")
    home.start("etp-worker", "worker", "etp")
    client = _client(home, url)
    reader = home.cadran("token", "--role", "dgefp").strip()
    number = WARM + (100 if bench.scale.rounds > 2 else 10)
    annexes = [
        changed(ANNEX, annex_id=n, amendment_id=n, annex_number=f"ACI0542{n:05d}")
        for n in range(1, number + 1)
    ]
    _declare(client, json.dumps(annexes))
    seconds = [_timed(client, n) for n in range(1, WARM + 1)]
    every = statistics.median(seconds) / LOAD
    delays = asyncio.run(_delays(url, client, reader, every, range(WARM + 1, number + 1)))
    quantiles = statistics.quantiles(delays, n=100)
    for name, place, bound in (("p50", 49, None), ("p99", 98, 1.0)):
        title = f"declaration accepted to figure readable, {name} (s) / 1 s"
        yield judge(title, "at most", bound, [quantiles[place]], [1.0])


async def _delays(
    url: str, client: httpx.Client, reader: str, every: float, annexes: Sequence[int]
) -> list[float]:
    """Seconds from each acknowledgement to the first answer that shows the month."""
    headers = {"Authorization": f"Bearer {reader}"}
    async with httpx.AsyncClient(base_url=f"{url}/etp/v1", headers=headers, timeout=60) as api:

        async def one(annex: int) -> float:
            await asyncio.to_thread(_declare, client, _month(annex))
            accepted = time.perf_counter()
            while True:
                answer = await api.get(f"/annexes/{annex}/months", params={"year": 2026})
                seen = time.perf_counter() - accepted
                if any(month["lines"] for month in answer.json().get("items", ())):
                    return seen
                await asyncio.sleep(POLL_SECONDS)

        waiting = []
        for annex in annexes:
            waiting.append(asyncio.create_task(one(annex)))
            await asyncio.sleep(every)
        return await asyncio.gather(*waiting)


def _client(home: TestHome, url: str) -> httpx.Client:
    """A client of the source that may declare for everyone."""
    token = token_of(url, add_client(home, "asp"))
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    return httpx.Client(base_url=f"{url}/ingest/v1", headers=headers, timeout=60)


def _declare(client: httpx.Client, body: str) -> None:
    answer = client.post("/declarations", content=body)
    assert answer.status_code == 201, answer.text[:1_000]


def _timed(client: httpx.Client, annex: int) -> float:
    started = time.perf_counter()
    _declare(client, _month(annex))
    return time.perf_counter() - started


def _month(annex: int) -> str:
    return json.dumps([changed(MONTH, annex_id=annex)])


def _bodies(batch: Sequence[Mapping[str, Any]], hours: int) -> list[dict[str, Any]]:
    """The same months with other hours, without the oddities that the door refuses."""
    return [
        {
            "annex_id": month["annex_id"],
            "year": month["year"],
            "month": month["month"],
            "lines": list(
                {line["line_id"]: _line(line, hours) for line in month["lines"]}.values()
            ),
        }
        for month in batch
    ]


def _line(line: Mapping[str, Any], hours: int) -> dict[str, Any]:
    kept = {"line_id": line["line_id"], "contract_id": line["contract_id"]}
    return {**kept, "version": 1, "state": "VALIDE", "hours": str(hours), "asp_etp": "0.5"}


def _has_contracts(month: Mapping[str, Any]) -> bool:
    return all(line["contract_id"] is not None for line in month["lines"])
