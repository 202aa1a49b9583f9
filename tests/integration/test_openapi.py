"""Anything that the OpenAPI document allows or forbids, sent to the real web process: no fault of
ours, and only answers that the document describes."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.config import SchemathesisConfig

from tests.homes import TestHome

DOCUMENT = json.loads((Path(__file__).parents[2] / "docs" / "openapi.json").read_text("utf-8"))
FEED_MINI = Path(__file__).parents[1] / "data" / "feed-mini" / "feed"
IN_CI = bool(os.environ.get("CI"))
EXAMPLES = 8 if IN_CI else 30

BEYOND_THE_SCHEMA = [
    schemathesis.checks.ignored_auth,
    schemathesis.checks.positive_data_acceptance,
]
"""What the document cannot say: guards are tested route by route, and rules (a mandate, an annex
that is known, an instant that is not to come) refuse what the schema allows."""

config = SchemathesisConfig.from_dict(
    {
        "phases": {"coverage": {"enabled": not IN_CI}},
        # The token is the test's: a request that a check takes for one without it has it.
        "generation": {"with-security-parameters": False},
    }
)
schema = schemathesis.openapi.from_dict(DOCUMENT, config=config)


@schemathesis.serializer(
    "application/gzip", "application/x-ndjson", "application/x-tar", "application/zip"
)
def as_bytes(_context: Any, value: Any) -> bytes:
    """Bodies that are no JSON, as they are."""
    return value if isinstance(value, bytes) else str(value).encode(errors="backslashreplace")


@pytest.fixture(scope="module")
def web(home: TestHome) -> str:
    """The web process over the sample delivery."""
    home.start_workers()
    home.cadran("load", FEED_MINI, "--wait")
    home.cadran("clients", "add", "asp")
    return home.start("web", "web")


@pytest.fixture(scope="module")
def tokens(home: TestHome, web: str) -> dict[str, str]:
    """Who may call what, by the beginning of the path; the first that fits."""

    def token(*options: str) -> str:
        return home.cadran("token", *options).strip()

    return {
        "/ingest": token("--role", "source", "--source", "asp"),
        "/etp/v1/dead-letters": token("--role", "operator"),
        "/": token("--role", "dgefp"),
    }


@schema.parametrize()
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
def test_an_answer_is_as_described(case: Any, web: str, tokens: dict[str, str]) -> None:
    token = next(token for path, token in tokens.items() if case.path.startswith(path))
    case.call_and_validate(
        base_url=web,
        headers={"Authorization": f"Bearer {token}"},
        excluded_checks=BEYOND_THE_SCHEMA,
    )
