"""How a thread that waits for a device is told to stop."""

import os
import select
import weakref


class Stop:
    """A wait for a file descriptor or a time that ends at once when another thread calls `set`."""

    def __init__(self) -> None:
        self._event = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        weakref.finalize(self, os.close, self._event)
        self.is_set = False

    def set(self) -> None:
        """End the wait, and every later one."""
        self.is_set = True
        os.eventfd_write(self._event, 1)

    def wait(self, seconds: float) -> None:
        """Sleep, unless or until the stop is set."""
        self._poll(None, seconds)

    def readable(self, descriptor: int, seconds: float | None) -> bool:
        """Wait until there is something to read, also an end or an error; False after `seconds`, or when the stop is set."""
        return self._poll(descriptor, seconds) and not self.is_set

    def _poll(self, descriptor: int | None, seconds: float | None) -> bool:
        poll = select.poll()
        poll.register(self._event, select.POLLIN)
        if descriptor is not None:
            poll.register(descriptor, select.POLLIN)
        # Rounded up: a wait that ends a moment early would be called again with next to nothing left.
        ready = poll.poll(None if seconds is None else int(seconds * 1000) + 1)
        return any(found == descriptor for found, _ in ready)
