"""Reads the codes of a picture or a video: of a video those that its frames agree on."""

from collections import deque
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path

from scanner.acceptance import AGAIN, FRAMES, two_values_for_one_place
from scanner.decode.code import Code, proves_itself
from scanner.decode.frames import Frame
from scanner.decode.reader import Reader
from scanner.sources.files import PictureOrVideo


def codes_of_file(path: Path) -> tuple[Code, ...]:
    """Return the different codes in a file: on a picture from the top down, in a video in the order in which they came.

    Raises `NotRead` when the file is neither.
    """
    frames = PictureOrVideo(path).read()
    first, second = next(frames, None), next(frames, None)
    if first is None:
        return ()
    if second is None:
        return Reader().still(first)
    return tuple(_agreed(chain((first, second), frames)))


def _agreed(frames: Iterable[Frame]) -> Iterator[Code]:
    """Give each code once, as soon as the counter would believe it; what is no card's counts too (`acceptance.py`)."""
    reader = Reader()
    recent: deque[frozenset[tuple[str, str]]] = deque(maxlen=FRAMES)
    given: set[tuple[str, str]] = set()
    for frame in frames:
        codes = reader.live(frame)
        if two_values_for_one_place(codes):
            codes = ()
        recent.append(frozenset((code.number, code.symbology) for code in codes))
        for code in codes:
            key = (code.number, code.symbology)
            if key not in given and (proves_itself(code) or sum(key in seen for seen in recent) >= AGAIN):
                given.add(key)
                yield code
