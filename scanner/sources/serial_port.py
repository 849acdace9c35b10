"""A reader on a serial port, mostly one that USB makes."""

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import serial

from scanner.errors import DeviceLost
from scanner.sources.base import Reading
from scanner.sources.codes import Codes, readings
from scanner.sources.machine import Machine, Plugged, the_one
from scanner.sources.stdin import as_utf8
from scanner.sources.stop import Stop

BAUD = 9600
"""What readers are set to when they leave the factory; one on USB does not care."""


class SerialPort:
    """One port that no other program that asks may open meanwhile."""

    def __init__(
        self,
        port: str,
        report: Callable[[str], None],
        *,
        baud: int = BAUD,
        machine: Machine | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Read the port of that path, or of that name, or part of a name, in /dev/serial/by-id; no name is the only port."""
        self.name = f"serial:{port}" if port else "serial"
        self._wanted, self._report, self._baud = port, report, baud
        self._machine, self._clock = machine or Machine(), clock
        self._port: serial.Serial | None = None

    def open(self) -> None:
        """Open the port and lock it."""
        path = self._chosen().path
        try:
            self._port = serial.Serial(str(path), self._baud, timeout=0, exclusive=True)
        except OSError as error:
            # pyserial's own kind of OSError knows the number, but is not the PermissionError that the number stands for.
            reason = OSError(error.errno, os.strerror(error.errno)) if error.errno else error
            raise self._machine.problem(self.name, path, reason) from error

    def _chosen(self) -> Plugged:
        path = Path(self._wanted)
        if path.is_absolute():
            return Plugged("serial", self._wanted, path)
        return the_one(self.name, self._wanted, self._machine.serial_ports(), "this reader")

    def read(self, stop: Stop) -> Iterator[Reading]:
        """Give the codes that are sent; a code ends with a line break or silence."""
        port = self._port
        if port is None:
            raise DeviceLost(f"{self.name}: this port is not open")

        def receive() -> str:
            try:
                return port.read(4096).decode("latin-1")
            except OSError as error:
                raise DeviceLost(f"{self.name}: unplugged; plug it in again") from error

        for reading in readings(port.fileno(), stop, Codes("\r\n", self._report), receive, clock=self._clock):
            yield Reading(as_utf8(reading.text), reading.at)

    def close(self) -> None:
        """Give the port back."""
        if self._port is not None:
            self._port.close()
            self._port = None
