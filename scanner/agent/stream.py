"""Writes the scans to one page, as server-sent events, until the page goes away or the agent stops."""

import select
import socket
import time
from collections.abc import Callable

from scanner.agent.recent import Kept, Recent

LOOK_EVERY_SECONDS = 1.0
ALIVE_EVERY_SECONDS = 4.0
"""Less than the five that are promised, because it is looked at once a second."""
WRITE_SECONDS = 5.0
"""A page that takes nothing for so long is hung up on; when it comes back, it connects again."""


def stream(
    recent: Recent,
    last_id: str | None,
    connection: socket.socket,
    write: Callable[[bytes], object],
    is_paired: Callable[[], bool],
) -> None:
    """Write events with `write`, which writes to `connection`; ends with an `OSError` when the page went or does not read.

    `is_paired` is asked before anything is written, so that a pairing that was ended gets nothing more.
    """
    connection.settimeout(WRITE_SECONDS)
    place, newest_id = recent.place_of(last_id)
    write(_event("ready", newest_id, "{}"))
    said_at = time.monotonic()
    while not _went_away(connection):
        news = recent.after(place, LOOK_EVERY_SECONDS)
        if news is None or not is_paired():
            return
        place, fresh = news
        for kept in fresh:
            # Asked for each: writing the one before may have taken seconds.
            if recent.is_young(kept):
                write(_scan(kept))
                said_at = time.monotonic()
        if time.monotonic() - said_at >= ALIVE_EVERY_SECONDS:
            write(b": alive\n\n")
            said_at = time.monotonic()


def _scan(kept: Kept) -> bytes:
    return _event("scan", kept.event.id, kept.event.as_json())


def _event(kind: str, identity: str, data: str) -> bytes:
    return f"event: {kind}\nid: {identity}\ndata: {data}\n\n".encode()


def _went_away(connection: socket.socket) -> bool:
    """Say whether the page closed its side; without asking, its place would be free only after the next two writes."""
    readable, _, _ = select.select([connection], [], [], 0)
    return bool(readable) and connection.recv(1, socket.MSG_PEEK) == b""
