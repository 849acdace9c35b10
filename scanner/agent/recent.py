"""The scans of the last five seconds, which any number of pages read at their own pace."""

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from threading import Condition

from scanner.event import ScanEvent

TIME_TO_LIVE_SECONDS = 5.0
KEPT = 100
"""At most so many scans; more in five seconds are no cards, and the oldest go first."""
NOTHING_YET = "0"
"""The place of a page when nothing was scanned since the agent was started."""


def machine_clock() -> float:
    """Return seconds that also pass while the machine sleeps: a lid that was closed must not keep a scan young."""
    return time.clock_gettime(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else time.monotonic()


@dataclass(frozen=True, slots=True)
class Kept:
    """A scan, its place in the order of all scans (from 1), and when it is too old to be handed out."""

    place: int
    event: ScanEvent
    dies_at: float


class Recent:
    """The scans that are young enough to be handed out; safe to use from many threads.

    There is one list and no queue for each page: a page that reads slowly costs no memory, and misses only what would
    be too old for it anyway.
    """

    def __init__(self, clock: Callable[[], float] = machine_clock) -> None:
        """Start with nothing."""
        self._clock = clock
        self._kept: deque[Kept] = deque(maxlen=KEPT)
        self._places = 0
        self._last_id = NOTHING_YET
        self._closed = False
        self._changed = Condition()

    def publish(self, event: ScanEvent) -> None:
        """Add a scan and wake the pages that wait."""
        with self._changed:
            self._places += 1
            self._kept.append(Kept(self._places, event, self._clock() + TIME_TO_LIVE_SECONDS))
            self._last_id = event.id
            self._changed.notify_all()

    def close(self) -> None:
        """Wake all pages for good: the agent stops."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def place_of(self, last_id: str | None) -> tuple[int, str]:
        """Return the place from which a page goes on, and the id of the newest scan up to there.

        None is a page that wants only what comes from now on. An id that is not here is older than all that is, or of
        an agent that was stopped meanwhile: such a page goes on before the oldest.
        """
        with self._changed:
            if last_id is None or last_id == self._last_id:
                return self._places, self._last_id
            place = next((kept.place for kept in self._kept if kept.event.id == last_id), 0)
            return place, last_id

    def after(self, place: int, wait_seconds: float) -> tuple[int, list[Kept]] | None:
        """Return the newest place and the scans after `place`; wait for one at most so long. None when the agent stops.

        They may be too old by the time they are written: ask `is_young` then.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._closed or self._places > place, wait_seconds)
            if self._closed:
                return None
            return self._places, [kept for kept in self._kept if kept.place > place]

    def is_young(self, kept: Kept) -> bool:
        """Say whether a scan may still be handed out."""
        return self._clock() < kept.dies_at
