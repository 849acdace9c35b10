"""Finds the codes on a frame: all that can be done for a still picture, the cheap half for a live frame."""

from collections.abc import Iterable

import cv2

from scanner.decode.code import Code
from scanner.decode.frames import Frame
from scanner.decode.renderings import CHEAP, DEAR, Picture, closer
from scanner.decode.votes import Votes

cv2.setNumThreads(1)  # The renderings are small, and the till has other things to do.

EVERY = 3
"""Of so many live frames in a row without a code, one gets an expensive step."""


class Reader:
    """Reads frames; one for each source, because it remembers what its last live frames needed."""

    def __init__(self) -> None:
        self._failed = 0
        self._turn = 0
        self._helped = False

    def still(self, frame: Frame) -> tuple[Code, ...]:
        """Return the different codes on a picture, from the top down; none is an empty tuple.

        Each step shows another rendering of the picture to one of the engines, until what was seen is believed (`votes.py`).
        """
        votes, picture = Votes(), Picture(frame.grey)
        for step in (*CHEAP, *DEAR):
            for engine, codes in step(picture):
                votes.add(engine, codes)
            if votes.settled():
                break
        if not votes.settled():
            for seen in votes.doubtful():
                for engine, codes in closer(frame.grey, seen):
                    votes.add(engine, codes)
        return _in_order(votes.believed())

    def live(self, frame: Frame) -> tuple[Code, ...]:
        """Return the codes on a frame of a stream; of the expensive steps one is tried every few frames without a code.

        An expensive step that helped is tried again at once on the next frame. One engine is believed here: whether the
        next frames say the same is for `acceptance.py` to see.
        """
        picture = Picture(frame.grey)
        for step in CHEAP:
            found = [code for _, codes in step(picture) for code in codes]
            if found:
                self._failed, self._helped = 0, False
                return _in_order(found)
        self._failed += 1
        if not self._helped and self._failed % EVERY:
            return ()
        found = [code for _, codes in DEAR[self._turn](picture) for code in codes]
        self._helped = bool(found)
        if not found:
            self._turn = (self._turn + 1) % len(DEAR)
        return _in_order(found)


def _in_order(codes: Iterable[Code]) -> tuple[Code, ...]:
    """Return each code once, from the top down and from left to right."""
    once = {(code.number, code.symbology): code for code in codes}
    return tuple(sorted(once.values(), key=lambda code: min(((y, x) for x, y in code.position), default=(0, 0))))
