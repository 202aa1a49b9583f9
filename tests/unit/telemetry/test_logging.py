"""Logs: one JSON object a line, libraries included, and no personal data."""

import json
import logging
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog
from pydantic import TypeAdapter, ValidationError

from shared.telemetry.logging import configure_logging

NIR = "1850693051234"
Lines = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def lines(tmp_path: Path) -> Iterator[Lines]:
    """Logging set up on a file; what it holds, as objects."""
    root = logging.getLogger()
    level = root.level
    file = tmp_path / "etp-worker.jsonl"
    configure_logging("etp-worker", "INFO", file)
    try:
        yield lambda: [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    finally:
        for handler in written_by_us():
            handler.close()
            root.removeHandler(handler)
        root.setLevel(level)
        logging.captureWarnings(capture=False)
        structlog.reset_defaults()


def written_by_us() -> list[logging.FileHandler]:
    """The root's handlers of ours: pytest adds its own between the phases of a test."""
    every = logging.getLogger().handlers
    return [
        handler for handler in every if type(handler) is logging.FileHandler and handler.mode == "a"
    ]


def test_an_event_is_one_object_with_its_instant(lines: Lines) -> None:
    structlog.get_logger("cadran").info("slice_applied", records=12, note="été")
    [line] = lines()
    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "event": "slice_applied",
        "records": 12,
        "note": "été",
        "level": "info",
        "logger": "cadran",
        "process": "etp-worker",
    }


def test_forbidden_keys_are_dropped_at_any_depth(lines: Lines) -> None:
    structlog.get_logger().info(
        "event_seen",
        nir=NIR,
        Token=NIR,
        headers={"Authorization": NIR, "kept": [{"email": NIR, "n": 1}]},
    )
    [line] = lines()
    assert NIR not in json.dumps(line)
    assert line["headers"] == {"kept": [{"n": 1}]}
    assert not {"nir", "Token"} & set(line)


def test_libraries_write_the_same_lines(lines: Lines) -> None:
    library = logging.getLogger("uvicorn.error")
    library.handlers, library.propagate = [logging.NullHandler()], False
    configure_logging_again(lines)
    library.info("Started server process [%d]", 7)
    logging.getLogger("aiokafka.consumer").warning("Heartbeat failed")
    logging.getLogger("aiokafka.consumer").debug("not at this level")
    assert [(line["event"], line["message"], line["level"]) for line in lines()] == [
        ("library_message", "Started server process [7]", "info"),
        ("library_message", "Heartbeat failed", "warning"),
    ]
    assert {line["logger"] for line in lines()} == {"uvicorn.error", "aiokafka.consumer"}


def configure_logging_again(lines: Lines) -> None:
    """A second configuration appends to the same file, without doubling the lines."""
    [handler] = written_by_us()
    configure_logging("etp-worker", "INFO", Path(handler.baseFilename))
    assert lines() == []


def test_an_exception_is_its_types_and_frames_without_its_message(lines: Lines) -> None:
    try:
        try:
            TypeAdapter(int).validate_python(f"{NIR} DUPONT")
        except ValidationError as error:
            raise RuntimeError(NIR) from error
    except RuntimeError:
        structlog.get_logger().exception("slice_failed")
        logging.getLogger("aiokafka").exception("Unexpected error")
    text = json.dumps(lines())
    assert NIR not in text
    assert "DUPONT" not in text
    for line in lines():
        kinds = [link["type"] for link in line["exception"]]
        assert kinds == ["builtins.RuntimeError", "pydantic_core._pydantic_core.ValidationError"]
        assert any("test_logging.py" in frame for frame in line["exception"][0]["frames"])


def test_what_an_operator_needs_of_an_exception_stays(lines: Lines) -> None:
    class RefusedError(Exception):
        sqlstate = "23505"

    both = [ConnectionRefusedError(111, "Connection refused"), RefusedError()]
    structlog.get_logger().error("connection_lost", exc_info=ExceptionGroup("both", both))
    [line] = lines()
    refused, conflict = line["exception"][0]["exceptions"]
    assert (refused["errno"], "Connection refused" in refused["message"]) == (111, True)
    assert conflict["sqlstate"] == "23505"


def test_warnings_are_logged_too(lines: Lines) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        logging.captureWarnings(capture=False)
        logging.captureWarnings(capture=True)
        warnings.warn("old call", stacklevel=1)
    assert ["old call" in line["message"] for line in lines()] == [True]


def test_an_unknown_level_is_refused() -> None:
    with pytest.raises(ValueError, match="LOUD"):
        configure_logging("web", "LOUD")
