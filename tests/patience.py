"""How long tests wait for what another thread, process or browser does, before they say that it does not happen."""

import time
from collections.abc import Callable

# Far longer than anything takes: machines that build stand still for many seconds.
PATIENCE_SECONDS = 60.0
POLL_SECONDS = 0.02


def wait_until(true: Callable[[], bool]) -> None:
    """Wait for what another program or thread does."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not true():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(POLL_SECONDS)
