"""A client that keeps its connection until an answer of the server closes it, as a till does while the service stops."""

import contextlib
import time
from collections.abc import Callable
from http.client import HTTPConnection
from threading import Barrier

from tests.patience import PATIENCE_SECONDS

WARM_UP_ANSWERS = 5
SILENT_SECONDS = 0.3
"""A client that this machine holds up for longer than that may find its connection closed: it was not waiting for an answer."""


def ask_until_told_to_go(port: int, ask: Callable[[HTTPConnection], None], warm: Barrier) -> int:
    """Ask over one connection until an answer closes it; how many were answered, all that were sent.

    Passes `warm` after the first few answers. Raises ConnectionError when the connection was closed under a request.
    """
    answered, answered_at = 0, time.monotonic()
    with contextlib.closing(HTTPConnection("127.0.0.1", port, timeout=PATIENCE_SECONDS)) as connection:
        while True:
            silent = time.monotonic() - answered_at
            try:
                ask(connection)
                response = connection.getresponse()
            except ConnectionError:
                if silent > SILENT_SECONDS:
                    return answered
                raise
            # The whole of it: a client that has half an answer would ask before it has the rest.
            body = response.read()
            assert response.status == 200, body
            answered += 1
            if answered == WARM_UP_ANSWERS:
                warm.wait(PATIENCE_SECONDS)
            answered_at = time.monotonic()
            if response.getheader("Connection") == "close":
                return answered
