"""What the cashier hears: a short high tone for a card that was taken, a long low one for one that was not."""

import math
import shutil
import struct
import subprocess
import sys
import tempfile
import wave
from pathlib import Path

PLAYERS = (("pw-play",), ("paplay",), ("aplay", "-q"))
"""Programs that play a WAV file, one of which most desktops have."""
RATE = 22_050
TONES = {"accepted": (1760.0, 0.09), "refused": (280.0, 0.35)}
"""Hertz and seconds."""
LOUDNESS = 0.4
FADE_SECONDS = 0.005
"""At both ends; a tone that is cut off clicks."""
BELL = "\a"


class Beeper:
    """Plays tones beside the reading, which never waits for them; without a player, the terminal's bell."""

    def __init__(self) -> None:
        """Find a player and write the tones where it can read them."""
        self._player = next(((found, *options) for name, *options in PLAYERS if (found := shutil.which(name))), None)
        self._playing: subprocess.Popen[bytes] | None = None
        self._folder = tempfile.TemporaryDirectory(prefix="scanner-")
        for name, (hertz, seconds) in TONES.items():
            write_tone(self._file(name), hertz, seconds)

    def accepted(self) -> None:
        """Say that a card was taken."""
        self._say("accepted")

    def refused(self) -> None:
        """Say that something was shown and not taken, or that the card is not known."""
        self._say("refused")

    def close(self) -> None:
        """Let the last tone end, or end a player that does not, and remove the files."""
        if self._playing is not None:
            try:
                self._playing.wait(max(seconds for _, seconds in TONES.values()) + 1)
            except subprocess.TimeoutExpired:
                self._playing.kill()
                self._playing.wait()
        self._folder.cleanup()

    def _say(self, name: str) -> None:
        if self._playing is not None and self._playing.poll():
            self._player = None  # there is a player, but nothing that it could play on
        if self._player is None:
            _ring()
            return
        if self._playing is not None and self._playing.returncode is None:
            return  # the last tone is still heard
        quiet = subprocess.DEVNULL
        # The program is one of PLAYERS, by its whole path, and the file is ours.
        command = [*self._player, str(self._file(name))]
        try:
            self._playing = subprocess.Popen(command, stdin=quiet, stdout=quiet, stderr=quiet)  # noqa: S603
        except OSError:
            self._player = None
            _ring()

    def _file(self, name: str) -> Path:
        return Path(self._folder.name) / f"{name}.wav"


def _ring() -> None:
    """Ring the bell of the terminal, if there is one: in a file or a pipe it would be a stray character."""
    if sys.stderr.isatty():
        sys.stderr.write(BELL)
        sys.stderr.flush()


def write_tone(path: Path, hertz: float, seconds: float) -> None:
    """Write a sine tone as a mono WAV file of 16 bits."""
    count = int(RATE * seconds)
    loud = [min(1.0, n / RATE / FADE_SECONDS, (count - n) / RATE / FADE_SECONDS) * LOUDNESS for n in range(count)]
    samples = (int(32767 * loud[n] * math.sin(2 * math.pi * hertz * n / RATE)) for n in range(count))
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(b"".join(struct.pack("<h", sample) for sample in samples))
