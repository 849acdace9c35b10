"""From a source to accepted cards: readings are judged as they come, frames are decoded first."""

import signal
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType
from typing import TYPE_CHECKING

from scanner.acceptance import Acceptance, Accepted, Verdict
from scanner.decode.code import CODE39, CODE128, EAN13, QR, Code
from scanner.event import ScanEvent
from scanner.sources.base import Reading, Source
from scanner.sources.stop import Stop

if TYPE_CHECKING:
    from scanner.decode.frames import Frame
    from scanner.decode.reader import Reader  # both bring OpenCV, which a keyboard wedge does without

UNKNOWN = "UNKNOWN"
"""The symbology of a code from a reader that does not say."""
AIM_SYMBOLOGIES = {"]C": CODE128, "]Q": QR, "]E": EAN13, "]A": CODE39}
"""By the first two characters; a UPC-A comes as the EAN-13 that it is with a zero before it."""


@dataclass(frozen=True, slots=True)
class Seen:
    """One thing that a source gave, and what was decided about it; frame and codes are for the overlay."""

    verdict: Verdict | None
    frame: "Frame | None" = None
    codes: tuple[Code, ...] = ()


def watch(source: Source, acceptance: Acceptance) -> Generator[Seen]:
    """Give everything that a source sees until it ends or is closed."""
    reader: Reader | None = None
    frames = 0
    last: Frame | None = None
    for given in source.read():
        if isinstance(given, Reading):
            yield Seen(acceptance.hear(given.text, symbology_of(given), given.at))
            continue
        reader = reader or _reader()
        frames, last = frames + 1, given
        codes = reader.live(given)
        yield Seen(acceptance.see(codes, given.at), given, codes)
    if reader is not None and last is not None and frames == 1:
        # A lone picture can be looked at for as long as it takes, and as often: it is a card that is held still.
        codes = reader.still(last)
        for _ in range(2):
            yield Seen(acceptance.see(codes, last.at), last, codes)


def event_of(verdict: Accepted, source: Source) -> ScanEvent:
    """Make the event of an accepted card."""
    return ScanEvent.now(verdict.code.number, verdict.code.symbology, source.name)


def symbology_of(reading: Reading) -> str:
    """Return the symbology by the AIM identifier that the device gave, apart or in front of the text (ISO/IEC 15424)."""
    return AIM_SYMBOLOGIES.get((reading.aim or reading.text)[:2], UNKNOWN)


def _reader() -> "Reader":
    """Load the decoder only for sources of frames."""
    from scanner.commands.decode import load_libraries  # noqa: PLC0415

    load_libraries()
    from scanner.decode.reader import Reader  # noqa: PLC0415

    return Reader()


@contextmanager
def closed_by_signals(source: Source) -> Iterator[Stop]:
    """Let Ctrl-C and SIGTERM close the source, so that reading ends in order; a second one ends the program at once.

    Gives a stop that is set by then.
    """
    stop = Stop()

    def close(_number: int, _frame: FrameType | None) -> None:
        restore()
        stop.set()
        source.close()

    def restore() -> None:
        for number, handler in before.items():
            signal.signal(number, handler)

    before = {number: signal.signal(number, close) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        restore()
        source.close()
