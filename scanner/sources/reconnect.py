"""The one way in which a live source survives its device being unplugged."""

import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Protocol

from scanner.errors import SourceError
from scanner.sources.base import Reading
from scanner.sources.stop import Stop

if TYPE_CHECKING:
    from scanner.decode.frames import Frame

FIRST_DELAY = 0.5
LONGEST_DELAY = 4.0
"""In seconds: the delay doubles from the first to the longest, which a cashier who plugs the reader in again has to wait."""

SETTLED = 5.0
"""After so many seconds of reading the next loss is a new one, and begins with the first delay again."""


class Device(Protocol):
    """What is read while it is there: it neither waits for itself nor comes back by itself."""

    @property
    def name(self) -> str:
        """What the source is called."""
        ...

    def open(self) -> None:
        """Take hold of the device, or raise a `SourceError`."""
        ...

    def read(self, stop: Stop) -> "Iterator[Reading | Frame]":
        """Give what is read until the stop is set; raise `DeviceLost` when the device is gone."""
        ...

    def close(self) -> None:
        """Let go of the device; closing what is not open is nothing."""
        ...


class Reconnecting:
    """A source of one device that carries on when the device is back."""

    def __init__(
        self,
        device: Device,
        report: Callable[[str], None],
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], object] | None = None,
    ) -> None:
        """Tell `report`, a line at a time, when the device is gone and when it is back."""
        self._device, self._report, self._clock = device, report, clock
        self._stop = Stop()
        self._sleep = sleep or self._stop.wait
        self._delay = FIRST_DELAY
        self._open_since: float | None = None
        self._is_read = False

    @property
    def name(self) -> str:
        """What the device is called."""
        return self._device.name

    def open(self) -> None:
        """Take hold of the device now, or raise what is wrong."""
        if self._open_since is None:
            self._device.open()
            self._open_since = self._clock()

    def read(self) -> "Iterator[Reading | Frame]":
        """Give what the device gives, and wait for it whenever it is not there."""
        self._is_read = True
        said = ""
        try:
            while not self._stop.is_set:
                try:
                    self.open()
                    if said:
                        self._report(f"{self.name}: there again")
                        said = ""
                    yield from self._device.read(self._stop)
                except SourceError as problem:
                    # A device that stays away is one line, not one for each attempt.
                    if str(problem) != said:
                        said = str(problem)
                        self._report(said)
                    self._let_go()
                    self._sleep(self._delay)
                    self._delay = min(2 * self._delay, LONGEST_DELAY)
        finally:
            self._is_read = False
            self._let_go()

    def close(self) -> None:
        """End `read`; the thread that reads lets go of the device, or this one when none does."""
        self._stop.set()
        if not self._is_read:
            self._let_go()

    def _let_go(self) -> None:
        if self._open_since is not None:
            if self._clock() - self._open_since >= SETTLED:
                self._delay = FIRST_DELAY
            self._open_since = None
            self._device.close()
