"""A machine to plug devices into, and ears for a source."""

import fcntl
import os
import pty
import tempfile
import termios
import threading
import time
import tty
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import Queue
from typing import Any

import pytest

from scanner.sources import Source
from scanner.sources.machine import Machine
from scanner.sources.reconnect import Device, Reconnecting
from tests.patience import PATIENCE_SECONDS

"""In seconds; only a test that fails waits so long."""


@pytest.fixture
def machine() -> Iterator[Machine]:
    """Make empty folders for devices, which every user may look into."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Machine(Path(folder) / "dev", Path(folder) / "sys")


class Wire:
    """A device that is a pty: what is sent arrives at whoever opened the link, and unplugging is a hang-up."""

    def __init__(self, link: Path) -> None:
        """Plug it in: the link is what udev would make."""
        self._link = link
        self._master, self._slave = pty.openpty()
        tty.setraw(self._slave)
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(os.ttyname(self._slave))

    def send(self, data: bytes) -> None:
        """Let the device send."""
        os.write(self._master, data)

    def send_apart(self, *pieces: bytes) -> None:
        """Let the device send the next piece only when the one before was read."""
        for piece in pieces:
            self.send(piece)
            deadline = time.monotonic() + PATIENCE_SECONDS
            while fcntl.ioctl(self._slave, termios.FIONREAD, b"\0" * 4) != b"\0" * 4:
                assert time.monotonic() < deadline, "nobody reads what is sent"

    def unplug(self) -> None:
        """Pull it out."""
        self._link.unlink(missing_ok=True)
        for descriptor in (self._slave, self._master):
            os.close(descriptor)


@contextmanager
def plugged(link: Path) -> Iterator[Wire]:
    """Plug a device in for the block."""
    wire = Wire(link)
    try:
        yield wire
    finally:
        wire.unplug()


class Ears:
    """Hears a source in a thread of its own."""

    def __init__(self, source: Source) -> None:
        self._heard: Queue[Any] = Queue()
        self._source = source
        self.ended = threading.Event()
        self._thread = threading.Thread(target=self._listen)
        self._thread.start()

    def _listen(self) -> None:
        for one in self._source.read():
            self._heard.put(one)
        self.ended.set()

    def next(self) -> Any:
        """Return what is heard next."""
        return self._heard.get(timeout=PATIENCE_SECONDS)

    def texts(self, count: int) -> list[str]:
        """Return the texts of the next readings."""
        return [self.next().text for _ in range(count)]

    @property
    def is_silent(self) -> bool:
        """Whether nothing more was heard."""
        return self._heard.empty()

    def close(self) -> None:
        """Close the source from here, and see that it ends there."""
        self._source.close()
        self._thread.join(PATIENCE_SECONDS)
        assert not self._thread.is_alive(), "the source did not end when it was closed"


@contextmanager
def hearing(source: Source) -> Iterator[Ears]:
    """Hear the source during the block; at its end the source is closed, and must end."""
    ears = Ears(source)
    try:
        yield ears
    finally:
        ears.close()


class Reports:
    """What a source told the person at the counter."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self._arrived = threading.Condition()

    def __call__(self, line: str) -> None:
        """Keep the line."""
        with self._arrived:
            self.lines.append(line)
            self._arrived.notify_all()

    def wait_for(self, count: int) -> list[str]:
        """Return the first lines, when so many were reported."""
        with self._arrived:
            assert self._arrived.wait_for(lambda: len(self.lines) >= count, PATIENCE_SECONDS), self.lines
            return self.lines[:count]


@pytest.fixture
def reports() -> Reports:
    """Collect what is reported."""
    return Reports()


@pytest.fixture
def quick(reports: Reports) -> Callable[[Device], Reconnecting]:
    """Make a source that tries again after hundredths of a second."""

    def make(device: Device) -> Reconnecting:
        source = Reconnecting(device, reports, sleep=lambda seconds: time.sleep(seconds / 50))
        source.open()
        return source

    return make


@contextmanager
def as_nobody() -> Iterator[None]:
    """Be a user without permissions, if this one has all of them."""
    user = os.geteuid()
    if user == 0:
        os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(user)
