"""Pictures and videos in files: to try the scanner, and to test it."""

from collections.abc import Iterator
from pathlib import Path

import cv2

from scanner.decode.frames import Frame, read_frame
from scanner.errors import NoSuchPicture, NotAPicture
from scanner.sources.stop import Stop
from scanner.sources.video import open_video, to_grey


class PictureOrVideo:
    """One file: a picture is one frame, a video all of its frames at the pace of whoever reads them."""

    def __init__(self, path: Path) -> None:
        """Read the file at `path`."""
        self.name = f"file:{path}"
        self._path = path
        self._stop = Stop()

    def open(self) -> None:
        """See that the file may be read."""
        try:
            with self._path.open("rb"):
                pass
        except OSError as error:
            what = error.strerror or error
            raise NoSuchPicture(f"{self._path}: {what}; give the name of a picture or video you may read") from error

    def read(self) -> Iterator[Frame]:
        """Give the frames from the first to the last."""
        self.open()
        if cv2.haveImageReader(str(self._path)):
            yield read_frame(self._path)
            return
        video = open_video(str(self._path))
        try:
            is_read, picture = video.read()
            # A text that is called a picture can be opened, and then holds nothing.
            if not is_read:
                raise NotAPicture(f"{self._path}: neither a picture nor a video that can be read; give another file")
            while is_read and not self._stop.is_set:
                # OpenCV gives the position of the frame that was read last.
                yield Frame(self.name, to_grey(picture), video.get(cv2.CAP_PROP_POS_MSEC) / 1000)
                is_read, picture = video.read()
        finally:
            video.release()

    def close(self) -> None:
        """End `read` after the frame it is at."""
        self._stop.set()
