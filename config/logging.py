"""Log lines as JSON on stderr, one object a line, with nothing in them that belongs to a customer.

An exception is logged as its types and the places it passed, never its message: a database driver puts the values
of the statement into it, and those are names and telephone numbers.
"""

import contextlib
import logging
import os
import sys
import traceback
from collections.abc import MutableMapping
from datetime import UTC, datetime
from types import TracebackType
from typing import Any

import msgspec
import structlog

STDERR = 2
DEEPEST_FRAMES = 30
_encode = msgspec.json.Encoder(enc_hook=str).encode


def configure(level: str = "INFO") -> None:
    """Send what the service and its libraries log to stderr; `level` is the least that is written.

    Of the libraries only warnings and worse are kept: what they tell in passing may hold values.
    """
    least = logging.getLevelNamesMapping()[level]
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            _timed,
            _without_values,
            _as_json,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(least),
        logger_factory=lambda *_: _Lines(),
        cache_logger_on_first_use=True,
    )
    root = logging.getLogger()
    root.handlers = [_FromLibraries()]
    root.setLevel(max(least, logging.WARNING))


class _Lines:
    """Writes each line by one call, so that the lines of several processes never mix."""

    def msg(self, line: bytes) -> None:
        # A closed pipe at the other end of the log is no reason to refuse a request.
        with contextlib.suppress(OSError):
            os.write(STDERR, line)

    debug = info = warning = error = critical = msg


class _FromLibraries(logging.Handler):
    """Writes what libraries log by the standard module in the same form."""

    def emit(self, record: logging.LogRecord) -> None:
        structlog.get_logger().log(record.levelno, record.getMessage(), logger=record.name, exc_info=record.exc_info or None)


def _timed(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Say when: structlog's own TimeStamper takes five times as long."""
    event["timestamp"] = datetime.now(UTC).isoformat()
    return event


def _without_values(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    found = event.pop("exc_info", None)
    if found is not None:
        error = found if isinstance(found, BaseException) else found[1] if isinstance(found, tuple) else sys.exc_info()[1]
        if error is not None:
            event["exception"] = _chain(error)
    return event


def _as_json(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> bytes:
    return _encode(event) + b"\n"


def _chain(error: BaseException) -> list[dict[str, Any]]:
    """Describe an error and what it came from, the outermost first."""
    found: list[dict[str, Any]] = []
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        kind = type(current)
        one: dict[str, Any] = {"type": f"{kind.__module__}.{kind.__qualname__}", "frames": _frames(current.__traceback__)}
        # The number of a server's error says most of what its message would, and holds no value.
        if current.args and type(current.args[0]) is int:
            one["number"] = current.args[0]
        found.append(one)
        current = current.__cause__ or current.__context__
    return found


def _frames(trace: TracebackType | None) -> list[str]:
    steps = traceback.extract_tb(trace)[-DEEPEST_FRAMES:]
    return [f"{step.filename}:{step.lineno} {step.name}" for step in steps]
