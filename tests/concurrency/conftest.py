"""A pharmacy on the live server: real threads call real worker processes, on both databases."""

import pytest

from tests.concurrency.pharmacy import Pharmacy
from tests.servers.processes import LiveServer


@pytest.fixture
def pharmacy(live_server: LiveServer) -> Pharmacy:
    """Open a pharmacy of the test's own."""
    return Pharmacy(live_server.tenant("Races"))
