"""From characters that arrive one after the other to complete codes, for every reader that decodes by itself."""

import time
from collections.abc import Callable, Iterable, Iterator

from scanner.sources.base import Reading
from scanner.sources.stop import Stop

SILENCE = 0.1
"""In seconds: a reader sends a code in one go, so a pause of this length ends it."""

LONGEST_CODE = 4096
"""In characters, more than a QR code with text can hold; what is longer is no code, but a device that is set wrongly."""


class Codes:
    """Puts characters together to codes; a `None` among them says that some were lost."""

    def __init__(self, ends: str, report: Callable[[str], None], *, silence: float | None = SILENCE) -> None:
        """End a code at each character of `ends`, and after `silence` seconds; tell `report` of a code that was lost."""
        self._ends, self._report, self._silence = ends, report, silence
        self._text: list[str] = []
        self._is_spoilt = False
        self._last = 0.0

    def take(self, characters: Iterable[str | None], at: float) -> Iterator[str]:
        """Give the codes that end with one of these characters, which arrived `at`."""
        for character in characters:
            self._last = at
            if character is not None and character in self._ends:
                yield from self.end()
            elif character is None or len(self._text) >= LONGEST_CODE:
                # What still comes of this code must not pass for a whole one, so all of it goes, up to its end.
                self._is_spoilt = True
            else:
                self._text.append(character)

    def left(self, now: float) -> float | None:
        """Return the seconds until silence ends the code; None when nothing has begun."""
        if self._silence is None or not (self._text or self._is_spoilt):
            return None
        return max(0.0, self._last + self._silence - now)

    def end(self) -> Iterator[str]:
        """Give the code that was begun, if there is one and all of it arrived."""
        text, is_spoilt = "".join(self._text), self._is_spoilt
        self._text.clear()
        self._is_spoilt = False
        if is_spoilt:
            self._report("a code was lost on its way from the reader; scan it again")
        elif text:
            yield text


def readings(
    descriptor: int,
    stop: Stop,
    codes: Codes,
    receive: Callable[[], Iterable[str | None] | None],
    *,
    clock: Callable[[], float] = time.monotonic,
) -> Iterator[Reading]:
    """Give the codes that `receive` reads from `descriptor`, until the stop is set or it returns None for the end."""
    while not stop.is_set:
        # What waits already is read before silence is measured: only then is a late look no pause of the reader.
        if stop.readable(descriptor, codes.left(clock())):
            characters = receive()
            if characters is None:
                yield from (Reading(code, clock()) for code in codes.end())
                return
            yield from (Reading(code, clock()) for code in codes.take(characters, clock()))
        elif not stop.is_set:
            yield from (Reading(code, clock()) for code in codes.end())
