"""A reader that speaks HID-POS: its reports carry the text, and what kind of code it stood in."""

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from scanner.errors import DeviceLost, NoDevice
from scanner.sources.base import Reading
from scanner.sources.descriptor import ScannedData, parse, scanned_data
from scanner.sources.machine import Machine, Plugged, the_one
from scanner.sources.stop import Stop

LARGEST_REPORT = 4096
FIRST_OF_AIM = "]"
CODE_TIME = 1.0
"""In seconds: what was begun and not continued by then lost its end on the way."""


class HidReader:
    """One hidraw node; no other program types or takes its codes, for to the system it is no keyboard."""

    def __init__(
        self,
        identity: str,
        report: Callable[[str], None],
        *,
        machine: Machine | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Read the reader of that vendor:product[:serial], or part of it, or path; no identity is the only reader."""
        self.name = f"hid:{identity}" if identity else "hid"
        self._identity, self._report = identity, report
        self._machine, self._clock = machine or Machine(), clock
        self._descriptor: int | None = None
        self._layout: ScannedData | None = None

    def open(self) -> None:
        """Open the node, and learn from its descriptor where in a report the text is."""
        path = self._chosen().path
        layout = scanned_data(parse(self._machine.descriptor(path.resolve().name)))
        if layout is None:
            raise NoDevice(f"{self.name}: {path} is no HID-POS reader; switch the reader to HID-POS, or choose: scanner devices")
        try:
            self._descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
        except OSError as error:
            raise self._machine.problem(self.name, path, error) from error
        self._layout = layout

    def _chosen(self) -> Plugged:
        path = Path(self._identity)
        if path.is_absolute():
            return Plugged("hid", self._identity, path)
        return the_one(self.name, self._identity, self._machine.hid_readers(), "a reader that speaks HID-POS")

    def read(self, stop: Stop) -> Iterator[Reading]:
        """Give the codes that are sent; a long one comes in more than one report."""
        descriptor, layout = self._descriptor, self._layout
        if descriptor is None or layout is None:
            raise DeviceLost(f"{self.name}: this reader is not open")
        begun, since = b"", 0.0
        while not stop.is_set:
            if not stop.readable(descriptor, None):
                continue
            body = layout.body(self._receive(descriptor))
            if body is None:
                continue
            if begun and self._clock() - since > CODE_TIME:
                begun = b""
                self._report("a code was lost on its way from the reader; scan it again")
            begun, since = begun + _data(layout, body), self._clock()
            if layout.continued and any(layout.continued.values(body)):
                continue
            text = begun.decode("utf-8", "backslashreplace").strip("\r\n\t")
            begun = b""
            if text:
                yield Reading(text, self._clock(), _aim(layout, body))

    def _receive(self, descriptor: int) -> bytes:
        """Return one report; nothing when it was gone before it could be read."""
        try:
            report = os.read(descriptor, LARGEST_REPORT)
        except BlockingIOError:
            return b""
        except OSError as error:
            raise DeviceLost(f"{self.name}: unplugged; plug it in again") from error
        if not report:
            raise DeviceLost(f"{self.name}: unplugged; plug it in again")
        return report

    def close(self) -> None:
        """Give the node back."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


def _data(layout: ScannedData, body: bytes) -> bytes:
    """Return the text of a report: as long as the report says, or up to the zeros that fill it."""
    data = bytes(layout.data.values(body))
    return data[: layout.count.values(body)[0]] if layout.count else data.rstrip(b"\0")


def _aim(layout: ScannedData, body: bytes) -> str | None:
    """Return the AIM symbology identifier; some readers leave out the bracket that begins it, and some all of it."""
    letters = "".join(chr(value) for field in layout.symbology for value in field.values(body) if value)
    if not (letters.isascii() and letters.isprintable()):
        return None
    return f"{FIRST_OF_AIM}{letters.removeprefix(FIRST_OF_AIM)}" if letters.removeprefix(FIRST_OF_AIM) else None
