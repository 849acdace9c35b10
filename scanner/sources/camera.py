"""A webcam: always its newest picture, and only when something moves before it."""

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import cv2

from scanner.decode.frames import Frame
from scanner.errors import DeviceBusy, DeviceLost
from scanner.sources.machine import Machine, Plugged, the_one
from scanner.sources.motion import MotionGate
from scanner.sources.stop import Stop
from scanner.sources.video import open_video, to_grey

WIDTH, HEIGHT = 1280, 720
"""Enough for a card at arm's length; more costs time and reads no more."""

GLANCE = 0.25
"""In seconds: how often a wait for a picture looks whether it should stop."""

SILENCE = 5.0
"""In seconds: a camera that gives no picture for so long hangs, and is opened anew."""


class Camera:
    """One camera, emptied by a thread of its own: what is read is what is seen now, not what a buffer still holds."""

    def __init__(self, target: str, *, machine: Machine | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        """Watch the camera of that number, path or name in /dev/v4l/by-id, or part of it; no target is the only camera."""
        self.name = f"camera:{target}" if target else "camera"
        self._target = target
        self._machine, self._clock = machine or Machine(), clock
        self._grabber: _Grabber | None = None

    def open(self) -> None:
        """Open the camera and begin to take its pictures."""
        path = self._chosen().path
        try:
            with path.open("rb"):
                pass
        except OSError as error:
            raise self._machine.problem(self.name, path, error) from error
        # A file stands for a camera in the tests; V4L2 would refuse it.
        capture = open_video(str(path), cv2.CAP_V4L2 if path.is_char_device() else cv2.CAP_ANY)
        # Uncompressed pictures of this size do not fit through USB 2 often enough a second.
        capture.set(cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*"MJPG"))
        capture.set(cv2.CAP_PROP_FRAME_WIDTH, WIDTH)
        capture.set(cv2.CAP_PROP_FRAME_HEIGHT, HEIGHT)
        capture.set(cv2.CAP_PROP_BUFFERSIZE, 1)
        self._grabber = _Grabber(capture)
        # A camera that another program uses can be opened, and then gives nothing.
        if not self._grabber.gives(SILENCE):
            self.close()
            raise DeviceBusy(
                f"{self.name}: {path} gives no pictures; end the program that uses it (sudo fuser -v {path} names it), "
                "or choose another: scanner devices"
            )

    def _chosen(self) -> Plugged:
        path = self._machine.dev / (f"video{self._target}" if self._target.isdecimal() else self._target)
        if self._target.isdecimal() or Path(self._target).is_absolute():
            return Plugged("camera", self._target, path)
        return the_one(self.name, self._target, self._machine.cameras(), "a camera")

    def read(self, stop: Stop) -> Iterator[Frame]:
        """Give the newest picture each time, as long as something moves."""
        grabber, gate = self._grabber, MotionGate()
        if grabber is None:
            raise DeviceLost(f"{self.name}: this camera is not open")
        last = self._clock()
        while not stop.is_set:
            picture = grabber.newest(GLANCE)
            now = self._clock()
            if picture is not None:
                last = now
                grey = to_grey(picture)
                at = gate.passes(grey, now)
                if at is not None:
                    yield Frame(self.name, grey, at)
            elif grabber.has_ended or now - last > SILENCE:
                raise DeviceLost(f"{self.name}: gives no more pictures; plug the camera in again")

    def close(self) -> None:
        """Give the camera back."""
        if self._grabber is not None:
            self._grabber.close()
            self._grabber = None


class _Grabber:
    """Takes every picture of a camera, and keeps the last."""

    def __init__(self, capture: cv2.VideoCapture) -> None:
        self._capture = capture
        self._arrived = threading.Condition()
        self._picture: cv2.typing.MatLike | None = None
        self._is_closed = False
        self.has_ended = False
        # A daemon: a driver that hangs must not keep the program from ending.
        self._thread = threading.Thread(target=self._run, name="camera", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        is_read = True
        while is_read and not self._is_closed:
            is_read, picture = self._capture.read()
            with self._arrived:
                self._picture = picture if is_read else self._picture
                self.has_ended = not is_read
                self._arrived.notify()
        # Here and not in close(): OpenCV must not be asked from two threads.
        self._capture.release()

    def gives(self, seconds: float) -> bool:
        """Return whether there is a first picture, after at most so long."""
        with self._arrived:
            self._wait(seconds)
            return self._picture is not None

    def _wait(self, seconds: float) -> None:
        self._arrived.wait_for(lambda: self._picture is not None or self.has_ended, seconds)

    def newest(self, seconds: float) -> cv2.typing.MatLike | None:
        """Return the newest picture, once; wait for it, but not longer than that."""
        with self._arrived:
            self._wait(seconds)
            picture, self._picture = self._picture, None
            return picture

    def close(self) -> None:
        """End the thread, which lets go of the camera."""
        self._is_closed = True
        self._thread.join(SILENCE)
