"""A screen that nobody looks at: Xvfb, with its pixels in a file."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

HEADER_WORDS = 25
BYTES_PER_COLOUR = 12


@dataclass(frozen=True)
class Screen:
    """A running X server: what DISPLAY has to be, and its frame buffer."""

    display: str
    buffer: Path

    def pixels(self) -> NDArray[np.uint8]:
        """Return what is on the screen now: height, width, and red, green, blue (XWD file format, version 7)."""
        data = self.buffer.read_bytes()
        words = np.frombuffer(data, ">u4", HEADER_WORDS)
        header, width, height, row, colours = (int(words[n]) for n in (0, 4, 5, 12, 19))
        bytes_of_pixels = np.frombuffer(data, np.uint8, height * row, header + colours * BYTES_PER_COLOUR)
        return bytes_of_pixels.reshape(height, row // 4, 4)[:, :width, 2::-1]

    def count(self, colour: str) -> int:
        """Return how many pixels have exactly this colour, written #rrggbb."""
        return int((self.pixels() == np.frombuffer(bytes.fromhex(colour[1:]), np.uint8)).all(axis=2).sum())


@contextmanager
def xvfb(folder: Path) -> Iterator[Screen]:
    """Start a screen of 800 x 600 on a free display."""
    reading, writing = os.pipe()
    command = ["Xvfb", "-displayfd", str(writing), "-screen", "0", "800x600x24", "-nolisten", "tcp", "-fbdir", str(folder)]
    server = subprocess.Popen(command, pass_fds=[writing], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    os.close(writing)
    try:
        with os.fdopen(reading) as answer:
            display = answer.readline().strip()
        yield Screen(f":{display}", folder / "Xvfb_screen0")
    finally:
        server.terminate()
        server.wait(10)
