"""Tells whether anything happens before a camera: reading a picture costs much, and most of the day it is the same one."""

import cv2
import numpy as np
from numpy.typing import NDArray

COARSE = (80, 45)
"""Cells across and down; the noise of the pixels of a cell averages out, and a card is many cells."""

DIFFERENCE = 12
"""How much brighter or darker of 255 a cell must be to have changed; a picture that stands still stays below 3."""

CELLS = 2
"""How many cells must have changed."""

HOLD = 2.0
"""In seconds: so long after the last change frames still pass, for a card is read best when the hand has come to rest.

It must be longer than the second after which acceptance takes a card for gone, or one that was taken away would not be.
"""


class MotionGate:
    """Passes frames while something moves and shortly after, and keeps a time that stands still while nothing does."""

    def __init__(self) -> None:
        """Begin with the first frame, which passes."""
        self._seen: NDArray[np.float32] | None = None
        self._moved_at = 0.0
        self._last = 0.0
        self._still = 0.0

    def passes(self, grey: NDArray[np.uint8], at: float) -> float | None:
        """Return the time of the frame, less what the gate was shut; None for a frame that shows nothing new."""
        coarse = np.asarray(cv2.resize(grey, COARSE, interpolation=cv2.INTER_AREA), np.float32)
        # Against the picture at the last change and not the frame before, or what moves slowly would never be seen.
        if self._seen is None or np.count_nonzero(np.abs(coarse - self._seen) > DIFFERENCE) >= CELLS:
            self._seen, self._moved_at = coarse, at
        is_open = at - self._moved_at <= HOLD
        if not is_open:
            self._still += at - self._last
        self._last = at
        return at - self._still if is_open else None
