"""Frame sources: where the pictures come from that may show a card."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from scanner.errors import NoSuchPicture, NotAPicture

Grey = NDArray[np.uint8]
"""The brightness of a picture, shape (height, width), a byte a pixel."""

STDERR = 2
"""The file descriptor that C libraries write their complaints to."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One picture: where it is from, and its brightness, shape (height, width), a byte a pixel.

    `at` is when, in seconds: a monotonic time of a camera, the position in a video, 0 of a lone picture. A camera's time stands
    still while its picture does, so that a card left in sight is not a card that was away.
    """

    source: str
    grey: NDArray[np.uint8]
    at: float = 0.0


def read_frame(path: Path) -> Frame:
    """Return the picture in the file at `path`, in any format that OpenCV reads, as a frame.

    The file is read by Python and only decoded by OpenCV: `cv2.imread` cannot tell a missing file from one that is no picture.

    Raises `NoSuchPicture` and `NotAPicture`.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise NoSuchPicture(f"{path}: {error.strerror or error}; give the name of a picture you may read") from error
    try:
        with _c_libraries_silent():
            colour = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    except cv2.error:  # an empty file, or a picture of more pixels than OpenCV is willing to hold
        colour = None
    if colour is None:
        raise NotAPicture(f"{path}: not a picture; give a PNG, JPEG, WebP, BMP or TIFF file")
    return Frame(str(path), np.asarray(cv2.cvtColor(colour, cv2.COLOR_BGR2GRAY), np.uint8))


@contextmanager
def _c_libraries_silent() -> Iterator[None]:
    """Send what OpenCV, libpng and libjpeg write about a broken file nowhere: the scanner says it in one line of its own.

    They write past `sys.stderr`, and of them only OpenCV has a switch for it.
    """
    kept = os.dup(STDERR)
    try:
        with Path(os.devnull).open("wb") as nowhere:
            os.dup2(nowhere.fileno(), STDERR)
        yield
    finally:
        os.dup2(kept, STDERR)
        os.close(kept)
