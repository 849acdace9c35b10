"""A line a code from standard input: for scripts, and for whatever reader another program knows."""

import os
import sys
from collections.abc import Callable, Iterator

from scanner.errors import NoSuchSource
from scanner.sources.base import Reading
from scanner.sources.codes import Codes, readings
from scanner.sources.stop import Stop


class StandardInput:
    """Ends when its input does."""

    name = "stdin"

    def __init__(self, report: Callable[[str], None], descriptor: int | None = None) -> None:
        """Read lines of UTF-8 from the file descriptor, which is standard input when none is given."""
        self._report, self._descriptor = report, descriptor
        self._stop = Stop()

    def open(self) -> None:
        """See that there is a standard input at all."""
        if self._descriptor is None:
            if sys.stdin is None:  # so it is when the program was started with its input closed
                raise NoSuchSource("stdin: this program was started without an input; pipe the codes into it, a line each")
            self._descriptor = sys.stdin.fileno()

    def read(self) -> Iterator[Reading]:
        """Give the lines that are not empty."""
        self.open()
        descriptor = self._descriptor
        if descriptor is None:  # open() has raised
            return
        lines = Codes("\r\n", self._report, silence=None)

        def receive() -> str | None:
            return os.read(descriptor, 4096).decode("latin-1") or None

        for line in readings(descriptor, self._stop, lines, receive):
            yield Reading(as_utf8(line.text), line.at)

    def close(self) -> None:
        """End `read`; standard input itself belongs to the program and stays open."""
        self._stop.set()


def as_utf8(text: str) -> str:
    """Return what bytes that were gathered as characters say, whatever they are."""
    return text.encode("latin-1").decode("utf-8", "backslashreplace")
