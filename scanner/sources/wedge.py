"""A reader that types: the events of its keyboard, taken from everybody else."""

import os
import time
from collections.abc import Callable, Iterable, Iterator

from scanner.errors import DeviceLost, NoDevice, TwoCandidates
from scanner.sources.base import Reading
from scanner.sources.codes import Codes, readings
from scanner.sources.keys import EVENT, Keys
from scanner.sources.layouts import Layout
from scanner.sources.machine import Machine, Plugged
from scanner.sources.stop import Stop

EVIOCGRAB = 0x40044590
"""`_IOW('E', 0x90, int)` of linux/input.h."""


def grab(descriptor: int) -> None:
    """Let nobody else have the events, or the number would be typed into whatever has the focus."""
    import fcntl  # noqa: PLC0415 - only here, so that other systems can still read pictures

    fcntl.ioctl(descriptor, EVIOCGRAB, 1)


class Wedge:
    """One keyboard that was chosen by its whole id: half an id could one day fit the keyboard of the cashier."""

    def __init__(
        self,
        identity: str,
        layout: Layout,
        report: Callable[[str], None],
        *,
        machine: Machine | None = None,
        take: Callable[[int], object] = grab,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Read the keyboard of that name in /dev/input/by-id; `take` makes it ours alone."""
        self.name = f"wedge:{identity}"
        self._identity, self._layout, self._report = identity, layout, report
        self._machine, self._take, self._clock = machine or Machine(), take, clock
        self._descriptor: int | None = None

    def open(self) -> None:
        """Open the keyboard and take it from everybody else."""
        path = self._chosen().path
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
        except OSError as error:
            raise self._machine.problem(self.name, path, error) from error
        try:
            self._take(descriptor)
        except OSError as error:
            os.close(descriptor)
            raise self._machine.problem(self.name, path, error) from error
        self._descriptor = descriptor

    def _chosen(self) -> Plugged:
        there = self._machine.keyboards()
        for one in there:
            if one.id == self._identity:
                twins = self._machine.twins(one)
                if len(twins) > 1:
                    names = " or ".join(f"wedge:{twin.id}" for twin in twins)
                    raise TwoCandidates(f"{self.name}: {len(twins)} readers have this id; say which, by its plug: {names}")
                return one
        for one in self._machine.keyboards_by_port():
            if one.id == self._identity:
                return one
        near = [one for one in there if self._identity in one.id]
        if len(near) > 1:
            names = " or ".join(f"wedge:{one.id}" for one in near)
            raise TwoCandidates(f"{self.name}: this fits {len(near)} keyboards; give the whole id of the reader: {names}")
        if near:
            raise NoDevice(f"{self.name}: give the whole id, if that is the reader and not your keyboard: wedge:{near[0].id}")
        raise NoDevice(f"{self.name}: this reader is not there; plug it in, or choose another: scanner devices")

    def read(self, stop: Stop) -> Iterator[Reading]:
        """Give the codes that are typed; a code ends with Enter, Tab or silence."""
        descriptor = self._descriptor
        if descriptor is None:
            raise DeviceLost(f"{self.name}: this reader is not open")
        keys = Keys(self._layout)

        def receive() -> Iterable[str | None]:
            try:
                data = os.read(descriptor, 64 * EVENT.size)
            except BlockingIOError:
                return ()
            except OSError as error:
                raise DeviceLost(f"{self.name}: unplugged; plug it in again") from error
            if not data:
                raise DeviceLost(f"{self.name}: unplugged; plug it in again")
            return keys.characters(data)

        yield from readings(descriptor, stop, Codes("\r\n\t", self._report), receive, clock=self._clock)

    def close(self) -> None:
        """Give the keyboard back; the kernel ends the grab with the descriptor."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
