"""The frozen releases: schemas and events as they were published, never edited."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.unit.kafka.building import LogRecord

FOLDER = Path(__file__).parent / "released"


@dataclass(frozen=True, slots=True)
class Released:
    """One event type of one release."""

    version: str
    name: str

    @property
    def schema(self) -> Mapping[str, Any]:
        return self._read("schemas")

    @property
    def example(self) -> Mapping[str, Any]:
        return self._read("examples")

    def _read(self, kind: str) -> Mapping[str, Any]:
        path = FOLDER / self.version / kind / f"{self.name}.json"
        document: Mapping[str, Any] = json.loads(path.read_text("utf-8"))
        return document

    def __str__(self) -> str:
        return f"{self.version}-{self.name}"


def all_released() -> list[Released]:
    """Every event type of every release."""
    return [Released(path.parts[-3], path.stem) for path in sorted(FOLDER.glob("*/schemas/*.json"))]


def as_record(topic: str, example: Mapping[str, Any]) -> LogRecord:
    """The record that an example `{headers, data}` stands for."""
    data = example["data"]
    return LogRecord(
        topic=topic,
        value=None if data is None else json.dumps(data).encode(),
        headers=[(name, text.encode()) for name, text in example["headers"].items()],
    )
