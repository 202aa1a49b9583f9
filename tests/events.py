"""Events for a real broker, made at random or by hand, sent straight to their topics."""

import json
import random
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from aiokafka import AIOKafkaProducer

from shared.contracts.envelope import Context, event_headers
from shared.contracts.ids import microseconds
from shared.contracts.registry import REGISTRY, EventType
from shared.database.outbox import OutboxRow
from shared.settings import ServiceSettings
from tests.oracle import Event

START = datetime(2026, 11, 1, tzinfo=UTC)
SOURCES = {"asp": 1, "editor": 2}


def declare(kind: str, action: str, number: int, source: str, data: dict[str, Any]) -> Event:
    revision = microseconds(START + timedelta(seconds=number))
    return (f"fr.cadran.{kind}.{action}.v1", source, SOURCES[source], revision, data)


def random_events(seed: int, count: int = 400, first: int = 0) -> list[Event]:
    """Structures, annexes and months declared, changed and withdrawn by two sources.

    Event `n` of `first … first + count` has the `n`-th second as its revision.
    """
    rng = random.Random(seed)
    events: list[Event] = []
    for number in range(first, first + count):
        source = rng.choice(["asp", "asp", "asp", "editor"])
        annex_id = rng.randrange(1, 12)
        kind = rng.choice(["structure", "financial-annex", *["monthly-state"] * 4])
        withdrawn = kind != "structure" and rng.random() < 0.15
        data: dict[str, Any]
        if kind == "structure":
            data = {
                "structure_id": rng.randrange(1, 5),
                "name": f"S{number}",
                "insee_code": rng.choice(["75056", "2A004", "97209", None]),
            }
        elif kind == "financial-annex":
            data = annex(rng, annex_id)
        else:
            data = month(rng, annex_id)
        if withdrawn:
            names = {"financial-annex": ("amendment_id", "annex_id")}
            kept = names.get(kind, ("annex_id", "year", "month"))
            data = {name: data[name] for name in kept}
        action = "withdrawn" if withdrawn else "declared"
        events.append(declare(kind, action, number, source, data))
    return events


def annex(rng: random.Random, annex_id: int) -> dict[str, Any]:
    amendment = rng.randrange(3)
    starts_on, ends_on = rng.choice(
        [("2026-01-01", "2026-12-31"), ("2025-07-01", "2026-06-30"), ("2026-03-15", "2026-09-15")]
    )
    return {
        "amendment_id": annex_id * 10 + amendment,
        "annex_id": annex_id,
        "structure_id": rng.randrange(1, 5),
        "annex_number": rng.choice(["ACI093260001", "ACI02A260001", "ACI5401"]),
        "measure": rng.choice(["ACI_DC", "ACI_MP", "EI_DC", "CUI_DC"]),
        "renewal": 0,
        "amendment": amendment,
        "state": rng.choice(["VALIDE", "VALIDE", "PROVISOIRE", "HISTORISE", "SAISI"]),
        "starts_on": starts_on,
        "ends_on": ends_on,
        "contracted_etp": rng.choice(["0", "2", "3.5"]),
        "hours_base": rng.choice(["1820", "1505"]),
        "unit_amount": rng.choice(["23921", None]),
        "total_amount": rng.choice(["47842", None]),
        "cofinanced_amount": rng.choice(["10000", None]),
        "rsa_amounts": rng.choice([None, [], [{"amount": "568.94", "starts_on": "2025-04-01"}]]),
    }


def month(rng: random.Random, annex_id: int) -> dict[str, Any]:
    lines = [
        {
            "line_id": rng.randrange(1, 9),
            "version": rng.randrange(1, 3),
            "state": rng.choice(["VALIDE", "VALIDE", "VALIDE", "SAISI"]),
            "hours": rng.choice(["0", "75.5", "151", "303.34"]),
            "contract_id": rng.randrange(1, 4),
            "asp_etp": rng.choice(["0", "0.4978", "0.9956", None]),
        }
        for _ in range(rng.randrange(1, 5))
    ]
    once = {(line["line_id"], line["version"]): line for line in lines}
    return {
        "annex_id": annex_id,
        "year": rng.choice([2025, 2026]),
        "month": rng.randrange(1, 13),
        "lines": list(once.values()),
    }


def random_employments(seed: int, count: int = 40) -> list[Event]:
    """Contracts declared, changed and withdrawn by two sources."""
    rng = random.Random(seed)
    events: list[Event] = []
    for number in range(count):
        data: dict[str, Any] = {
            "contract_id": rng.randrange(1, 5),
            "structure_id": rng.randrange(1, 5),
            "person": f"{rng.getrandbits(128):032x}",
            "hired_on": "2026-01-02",
            "rsa": rng.choice(["NON", "OUI-M", "OUI-NM", None]),
        }
        action = "declared"
        if rng.random() < 0.3:
            action, data = "withdrawn", {"contract_id": data["contract_id"]}
        source = rng.choice(["asp", "editor"])
        events.append(declare("employment", action, number, source, data))
    return events


def outbox_row(settings: ServiceSettings, event: Event) -> OutboxRow:
    """The event as a service hands it to its relay."""
    type_name, source, rank, revision, data = event
    known: EventType = REGISTRY[type_name]
    accepted_at = datetime.fromtimestamp(0, UTC) + timedelta(microseconds=revision)
    subject = known.subject(known.model.model_validate(data))
    headers = event_headers(known, subject, revision, Context(source, rank, accepted_at, "0" * 32))
    key = str(data.get("structure_id", data.get("annex_id")))
    return OutboxRow(settings.topic(known.topic), key, headers, json.dumps(data).encode())


async def produce(settings: ServiceSettings, events: Sequence[Event]) -> None:
    """Send `events`, one after the other."""
    producer = AIOKafkaProducer(bootstrap_servers=settings.kafka_bootstrap)
    await producer.start()
    try:
        for event in events:
            row = outbox_row(settings, event)
            headers = [(name, text.encode()) for name, text in row.headers.items()]
            await producer.send_and_wait(row.topic, row.value, row.key.encode(), headers=headers)
    finally:
        await producer.stop()


async def produce_poison(
    settings: ServiceSettings, topic: str, partitions: Iterable[int], count: int = 1
) -> None:
    """Send `count` records that are not events to each of `partitions`."""
    producer = AIOKafkaProducer(bootstrap_servers=settings.kafka_bootstrap)
    await producer.start()
    try:
        for partition in [*partitions] * count:
            await producer.send_and_wait(settings.topic(topic), b"{", partition=partition)
    finally:
        await producer.stop()
