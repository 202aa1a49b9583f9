"""What import rules cannot say: pure code asks no clock, draws no number, uses no float; every
subscriber leaves acknowledgement to us; files stay short."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest

from shared.kafka.keeper import Keeper
from shared.kafka.subscription import Subscription
from shared.settings import ServiceSettings

ROOT = Path(__file__).parents[2]
PACKAGES = ("cli", "deploy", "services", "shared")
LONGEST = 300

CLOCKS = {"now", "today", "utcnow", "time_ns", "monotonic", "perf_counter"}
CALLS = {"open", "float", "uuid1", "uuid4", "input", "print"}
MODULES = {"random", "secrets", "time", "os", "socket"}


def impurities(source: str) -> list[str]:
    """What a pure module must not hold, as `line: what`."""
    return [
        f"{getattr(node, 'lineno', 0)}: {what}"
        for node in ast.walk(ast.parse(source))
        for what in _impure(node)
    ]


def _impure(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.Constant(value=float()):
            yield "float literal"
        case ast.Import(names=names):
            yield from (f"import {a.name}" for a in names if a.name.split(".")[0] in MODULES)
        case ast.ImportFrom(module=str(module), names=names):
            if module.split(".")[0] in MODULES:
                yield f"import {module}"
            yield from (f"import {a.name}" for a in names if a.name in CALLS)
        case ast.Name(id=name) if name in CALLS:
            yield name
        case ast.Attribute(attr=name) if name in CLOCKS | {"uuid1", "uuid4"}:
            yield name


def lax_subscriptions(source: str) -> list[str]:
    """Brokers and subscribers that do not leave acknowledgement and topics to us."""
    faults = []
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        given = {keyword.arg: ast.unparse(keyword.value) for keyword in node.keywords}
        called = ast.unparse(node.func).rpartition(".")[2]
        manual = given.get("ack_policy") == "AckPolicy.MANUAL"
        if called == "KafkaBroker":
            if not manual:
                faults.append(f"{node.lineno}: ack_policy")
            if given.get("allow_auto_create_topics") != "False":
                faults.append(f"{node.lineno}: allow_auto_create_topics")
            if given.get("logger") == "None":
                faults.append(f"{node.lineno}: logger")
        if called == "subscriber" and "ack_policy" in given and not manual:
            faults.append(f"{node.lineno}: ack_policy")
        if called == "subscriber" and not {"parser", "decoder"} <= set(given):
            faults.append(f"{node.lineno}: parser and decoder")
    return faults


def sources(*packages: str) -> list[Path]:
    """Python files of our packages."""
    return sorted(path for package in packages for path in (ROOT / package).rglob("*.py"))


def pure_files() -> list[Path]:
    domains = [path for path in sources("services") if "domain" in path.parts]
    return [*domains, *sources("shared/contracts", "shared/rules")]


def test_pure_modules_are_pure() -> None:
    files = pure_files()
    assert {path.parent.parent.name for path in files} >= {"etp", "ingest", "modulation", "shared"}
    found = {str(path): impurities(path.read_text("utf-8")) for path in files}
    assert {path: faults for path, faults in found.items() if faults} == {}


@pytest.mark.parametrize(
    "snippet",
    [
        "from datetime import datetime\nstamp = datetime.now()",
        "import datetime\nstamp = datetime.datetime.utcnow()",
        "from datetime import date\nday = date.today()",
        "clock = datetime.now",
        "import uuid\nidentifier = uuid.uuid4()",
        "from uuid import uuid1",
        "import random",
        "from random import choice",
        "import time\ntime.time()",
        "from time import monotonic",
        "import secrets",
        "rate = 0.5",
        "rate = 1e3",
        "rate = float('1')",
        "rates = map(float, texts)",
        "text = open('file').read()",
        "import os.path",
    ],
)
def test_an_impure_snippet_is_found(snippet: str) -> None:
    assert impurities(snippet)


def test_exact_numbers_given_clocks_and_derived_ids_are_pure() -> None:
    source = (
        "from datetime import UTC, date, datetime\nfrom decimal import Decimal\n"
        "from uuid import uuid5\n"
        "def late(today: date, at: datetime) -> bool:\n"
        "    return today > date(2026, 1, 1) and Decimal('0.5') < 12 and at.tzinfo is UTC\n"
    )
    assert impurities(source) == []


def test_every_subscription_leaves_acknowledgement_to_us() -> None:
    found = {str(path): lax_subscriptions(path.read_text("utf-8")) for path in sources(*PACKAGES)}
    assert {path: faults for path, faults in found.items() if faults} == {}
    own = ROOT / "shared" / "kafka" / "subscription.py"
    assert "KafkaBroker(" in own.read_text("utf-8")


@pytest.mark.parametrize(
    ("snippet", "fault"),
    [
        ("KafkaBroker('a', allow_auto_create_topics=False)", "1: ack_policy"),
        (
            "KafkaBroker('a', ack_policy=AckPolicy.ACK, allow_auto_create_topics=False)",
            "1: ack_policy",
        ),
        ("KafkaBroker('a', ack_policy=AckPolicy.MANUAL)", "1: allow_auto_create_topics"),
        (
            "kafka.KafkaBroker('a', ack_policy=AckPolicy.MANUAL, allow_auto_create_topics=True)",
            "1: allow_auto_create_topics",
        ),
        (
            "KafkaBroker(ack_policy=AckPolicy.MANUAL, allow_auto_create_topics=False, logger=None)",
            "1: logger",
        ),
        (
            "broker.subscriber('t', ack_policy=AckPolicy.NACK_ON_ERROR, parser=p, decoder=d)",
            "1: ack_policy",
        ),
        ("broker.subscriber('t', parser=p)", "1: parser and decoder"),
    ],
)
def test_a_lax_subscription_is_found(snippet: str, fault: str) -> None:
    assert lax_subscriptions(snippet) == [fault]


def test_the_real_subscriber_is_manual_and_creates_no_topic(tmp_path: Path) -> None:
    settings = ServiceSettings(kafka_bootstrap="127.0.0.1:9", secrets=tmp_path, slot="3")
    subscription = Subscription(settings, cast("Keeper", None), ["a", "b"], "etp.projection")
    subscriber: Any = subscription._subscriber
    arguments = subscriber._connection_args
    assert subscriber.ack_policy.name == "MANUAL"
    assert subscriber._outer_config.allow_auto_create_topics is False
    assert arguments["enable_auto_commit"] is False
    assert arguments["group_instance_id"] == "etp.projection-3"
    assert (arguments["session_timeout_ms"], arguments["rebalance_timeout_ms"]) == (45_000, 60_000)
    assert arguments["heartbeat_interval_ms"] == 3_000


def test_kafka_transactions_are_nowhere() -> None:
    named = [p for p in sources(*PACKAGES) if "transactional_id" in p.read_text("utf-8")]
    assert named == []


def test_no_file_is_longer_than_the_ceiling() -> None:
    assert too_long(sources(*PACKAGES, "tests")) == []


def test_a_long_file_is_found(tmp_path: Path) -> None:
    fits, breaks = tmp_path / "fits.py", tmp_path / "breaks.py"
    fits.write_text("x = 1\n" * LONGEST, "utf-8")
    breaks.write_text("x = 1\n" * (LONGEST + 1), "utf-8")
    assert too_long([fits, breaks]) == [breaks]


def too_long(paths: list[Path]) -> list[Path]:
    return [path for path in paths if len(path.read_text("utf-8").splitlines()) > LONGEST]
