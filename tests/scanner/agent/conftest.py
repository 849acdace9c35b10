"""A running agent, with a clock that the test moves, and a page that is paired with it."""

from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import pytest

from scanner.agent.pairing import Pairing
from scanner.agent.server import AgentServer
from tests.scanner.agent.page import TILL, Page


class Clock:
    """Seconds that pass only when the test says so."""

    now = 1000.0

    def __call__(self) -> float:
        """Return the time."""
        return self.now


@pytest.fixture
def clock() -> Clock:
    """Give the clock of the agent."""
    return Clock()


@pytest.fixture
def agent(tmp_path: Path, clock: Clock) -> Iterator[AgentServer]:
    """Give an agent that listens on a free port and allows pages of `TILL`."""
    server = AgentServer(0, [TILL], Pairing(tmp_path / "config", clock), "stdin", clock)
    thread = Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield server
    finally:
        server.stop()
        thread.join(10)


@pytest.fixture
def page(agent: AgentServer) -> Page:
    """Give a page of the allowed origin."""
    return Page(agent.port)


@pytest.fixture
def token(agent: AgentServer, page: Page) -> str:
    """Give the token of the page, which was paired."""
    token: str = page.pair(agent.pairing.new_code()).body["token"]
    return token
