"""Log lines are JSON objects and hold nothing of a customer, whatever goes wrong."""

import json
import logging as standard
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from config import logging


@pytest.fixture(autouse=True)
def configured() -> Iterator[None]:
    """Configure the service's logs, and give the standard module back afterwards."""
    root = standard.getLogger()
    before = (root.handlers, root.level)
    logging.configure("INFO")
    yield
    root.handlers, root.level = before


def _fail(value: str) -> None:
    try:
        raise ValueError(1062, f"Duplicate entry '{value}'")  # noqa: TRY301 - the chain is what is tested
    except ValueError as inner:
        raise RuntimeError(value) from inner


def lines(capfd: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capfd.readouterr().err.splitlines()]


def test_a_line_is_an_object_with_level_and_time(capfd: pytest.CaptureFixture[str]) -> None:
    structlog.get_logger().info("hello", number=3)
    (line,) = lines(capfd)
    assert (line["event"], line["level"], line["number"]) == ("hello", "info", 3)
    assert line["timestamp"].endswith("+00:00")


def test_an_exception_is_told_by_types_and_places_without_its_values(capfd: pytest.CaptureFixture[str]) -> None:
    phone = "+919876543210"
    try:
        _fail(phone)
    except RuntimeError:
        structlog.get_logger().exception("unexpected_error")
    (line,) = lines(capfd)
    assert phone not in json.dumps(line)
    assert [one["type"] for one in line["exception"]] == ["builtins.RuntimeError", "builtins.ValueError"]
    assert line["exception"][1]["number"] == 1062
    assert "test_logging.py" in line["exception"][0]["frames"][-1]


def test_libraries_write_in_the_same_form_from_warnings_on(capfd: pytest.CaptureFixture[str]) -> None:
    standard.getLogger("sqlalchemy.pool").info("not of interest")
    standard.getLogger("sqlalchemy.pool").error("lost", exc_info=ValueError("Asha Rao"))
    (line,) = lines(capfd)
    assert (line["event"], line["logger"], line["level"]) == ("lost", "sqlalchemy.pool", "error")
    assert "Asha" not in json.dumps(line)


def test_a_level_leaves_out_what_is_below_it(capfd: pytest.CaptureFixture[str]) -> None:
    logging.configure("ERROR")
    structlog.get_logger().warning("quiet")
    structlog.get_logger().error("loud")
    assert [line["event"] for line in lines(capfd)] == ["loud"]
