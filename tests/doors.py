"""A machine at the HTTP doors of a home's web process."""

import asyncio
import copy
import json
import ssl
from typing import Any

import httpx

from services.ingest.database import build_database
from services.ingest.settings import IngestSettings
from shared.contracts.generate import declaration_example
from shared.contracts.registry import DocumentType
from tests.homes import TestHome

EXAMPLES = {kind: declaration_example(kind) for kind in DocumentType}
STRUCTURE = 4101
"""The structure of every example."""
PLAIN = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""Loopback speaks no TLS: httpx would else read the authorities' certificates at each request."""
TABLES = (
    "submission",
    "document",
    "reject",
    "outbox",
    "annex_owner",
    "idempotency",
    "upload",
    "refusal",
)
"""What a door may write."""


class Door:
    """Requests with a bearer token; `path` begins after `/ingest/v1`."""

    def __init__(self, url: str, token: str | None) -> None:
        self._base = f"{url}/ingest/v1"
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}

    def declare(self, *declarations: Any, **headers: str) -> httpx.Response:
        """Post a JSON array; header names with `_` for `-`."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.post("/declarations", json=list(declarations), headers=named)

    def post(self, path: str, **options: Any) -> httpx.Response:
        return self._ask("POST", path, **options)

    def get(self, path: str, **options: Any) -> httpx.Response:
        return self._ask("GET", path, **options)

    def _ask(self, method: str, path: str, **options: Any) -> httpx.Response:
        headers = {**self._headers, **options.pop("headers", {})}
        url = self._base + path
        return httpx.request(method, url, headers=headers, timeout=60, verify=PLAIN, **options)


def add_client(home: TestHome, source: str, *structures: int) -> dict[str, str]:
    """A client of `source`, and mandates."""
    options = [option for structure in structures for option in ("--structure", structure)]
    client: dict[str, str] = home.cadran_json("clients", "add", source, *options)
    return client


def door_of(url: str, client: dict[str, str]) -> Door:
    """The door opened by a client's own token."""
    return Door(url, token_of(url, client))


def token_of(url: str, client: dict[str, str]) -> str:
    """What the token endpoint gives for a client's secret."""
    answer = Door(url, None).post(
        "/token",
        data={"grant_type": "client_credentials"},
        auth=(client["client_id"], client["client_secret"]),
    )
    assert answer.status_code == 200, answer.text
    token: str = answer.json()["access_token"]
    return token


def statuses(answer: httpx.Response) -> list[str]:
    return [item["status"] for item in answer.json()["items"]]


def codes(answer: httpx.Response) -> list[list[str]]:
    """The codes of the errors of each declaration."""
    return [[error["code"] for error in item["errors"]] for item in answer.json()["items"]]


def as_lines(*declarations: Any) -> bytes:
    """NDJSON."""
    return "".join(json.dumps(declaration) + "\n" for declaration in declarations).encode()


def fetch(home: TestHome, query: str, *values: Any) -> list[Any]:
    """Rows of ingest's tables."""

    async def run() -> list[Any]:
        database = build_database(home.home.settings(IngestSettings), "test")
        async with database.connection() as connection:
            return list(await connection.fetch(query, *values))

    return asyncio.run(run())


def counts(home: TestHome) -> dict[str, int]:
    """Rows of what a door may write."""
    counted = ", ".join(f"(SELECT count(*) FROM {name}) AS {name}" for name in TABLES)  # noqa: S608 - names of ours
    (row,) = fetch(home, f"SELECT {counted}")
    return dict(row)


def changed(declaration: dict[str, Any], **data: Any) -> dict[str, Any]:
    """A declaration with other data."""
    new = copy.deepcopy(declaration)
    new["data"].update(data)
    return new
