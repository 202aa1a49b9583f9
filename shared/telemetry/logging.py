"""Logs as JSON lines: one event an object, English snake_case names, UTC instants.

No personal data: forbidden keys are dropped, and an exception is told by its type and its
frames, since messages of pydantic and PostgreSQL repeat the values they refuse.
"""

import logging
import sys
import traceback
from collections.abc import Iterable, Mapping, MutableMapping
from pathlib import Path
from typing import Any

import structlog
from structlog.typing import EventDict, ExcInfo

FORBIDDEN_KEYS = frozenset(
    {"nir", "nom", "prenom", "name", "email", "token", "authorization", "password"}
)
_LIBRARIES = ("uvicorn", "fastapi", "faststream", "aiokafka", "alembic", "sqlalchemy", "asyncio")
_DEEPEST_FRAMES = 30


def configure_logging(process: str, level: str = "INFO", file: Path | None = None) -> None:
    """Send every log of this process, libraries' included, to `file` (appended) or stderr.

    `process` names it in each line. Raises `ValueError` for an unknown level. Callable again.
    """
    handler = logging.FileHandler(file, encoding="utf-8") if file else logging.StreamHandler()
    handler.setFormatter(_formatter(process))
    root = logging.getLogger()
    root.setLevel(level)
    for former in root.handlers:
        former.close()
    root.handlers = [handler]
    _hand_over_libraries()
    logging.captureWarnings(capture=True)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.stdlib.filter_by_level,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )


def _formatter(process: str) -> logging.Formatter:
    def name_process(_logger: object, _method: str, event: EventDict) -> EventDict:
        event["process"] = process
        return event

    common: list[structlog.typing.Processor] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        name_process,
    ]
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[_name_library_event],
        processors=[
            *common,
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            describe_exception,
            drop_personal,
            structlog.processors.JSONRenderer(ensure_ascii=False, default=str),
        ],
    )


def _hand_over_libraries() -> None:
    """Libraries' loggers keep no handler of their own: the root's writes their lines."""
    for name in list(logging.root.manager.loggerDict):
        if name.split(".")[0] in _LIBRARIES:
            logger = logging.getLogger(name)
            logger.handlers = []
            logger.propagate = True


def _name_library_event(_logger: object, _method: str, event: EventDict) -> EventDict:
    """A library's line is an event of ours that carries its free text."""
    event["message"] = event["event"]
    event["event"] = "library_message"
    return event


def drop_personal(_logger: object, _method: str, event: EventDict) -> EventDict:
    """Drop the forbidden keys, at any depth and in any case."""
    return _without(event)


def _without(mapping: Mapping[str, Any]) -> MutableMapping[str, Any]:
    return {
        key: _clean(value)
        for key, value in mapping.items()
        if str(key).lower() not in FORBIDDEN_KEYS
    }


def _clean(value: Any) -> Any:
    if isinstance(value, Mapping):
        return _without(value)
    if isinstance(value, list | tuple):
        return [_clean(item) for item in value]
    return value


def describe_exception(_logger: object, _method: str, event: EventDict) -> EventDict:
    """Replace `exc_info` by `exception`: types from the outermost to the cause, and frames."""
    found: ExcInfo | BaseException | bool | None = event.pop("exc_info", None)
    error = sys.exc_info()[1] if found is True else found
    if isinstance(error, tuple):
        error = error[1]
    if isinstance(error, BaseException):
        event["exception"] = [_told(link) for link in _chain(error)]
    return event


def _chain(error: BaseException) -> Iterable[BaseException]:
    seen: set[int] = set()
    link: BaseException | None = error
    while link is not None and id(link) not in seen:
        seen.add(id(link))
        yield link
        link = link.__cause__ or (None if link.__suppress_context__ else link.__context__)


def _told(error: BaseException) -> dict[str, Any]:
    kind = type(error)
    told: dict[str, Any] = {
        "type": f"{kind.__module__}.{kind.__qualname__}",
        "frames": [
            f"{frame.filename}:{frame.lineno} {frame.name}"
            for frame in traceback.extract_tb(error.__traceback__, limit=-_DEEPEST_FRAMES)
        ],
    }
    for name in ("code", "sqlstate", "errno"):
        if isinstance(value := getattr(error, name, None), str | int):
            told[name] = value
    if isinstance(error, OSError) or kind.__module__.startswith("aiokafka"):
        told["message"] = str(error)
    if isinstance(error, BaseExceptionGroup):
        told["exceptions"] = [_told(member) for member in error.exceptions]
    return told
