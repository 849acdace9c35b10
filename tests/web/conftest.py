"""What the tests of the pages share: the log as it is written in production."""

import logging
from collections.abc import Callable, Iterator

import pytest

from config.logging import configure


@pytest.fixture
def log(capfd: pytest.CaptureFixture[str]) -> Iterator[Callable[[], str]]:
    """Log as the service does in production, and give what was written since it was last asked for."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    configure("DEBUG")
    capfd.readouterr()
    yield lambda: "".join(capfd.readouterr())
    root.handlers, root.level = handlers, level
