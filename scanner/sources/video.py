"""Opens what OpenCV calls a video, which is a file or a camera, without its libraries writing about it on stderr."""

import os

import cv2
import numpy as np
from cv2.utils import logging
from numpy.typing import NDArray

# FFmpeg's level that says nothing; OpenCV asks for it when it opens its first video.
os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")


def open_video(target: str, api: int = cv2.CAP_ANY) -> cv2.VideoCapture:
    """Return the video, open or not: the source says what is wrong in a line of its own."""
    level = logging.getLogLevel()
    logging.setLogLevel(logging.LOG_LEVEL_SILENT)
    try:
        return cv2.VideoCapture(target, api)
    finally:
        logging.setLogLevel(level)


def to_grey(picture: cv2.typing.MatLike) -> NDArray[np.uint8]:
    """Return the brightness of a picture; some cameras give no colour to begin with."""
    if picture.ndim == 2:  # noqa: PLR2004 - height and width
        return np.asarray(picture, np.uint8)
    return np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY), np.uint8)
