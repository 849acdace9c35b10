"""Cameras, videos and pictures, all played by files that OpenCV writes and reads."""

import time
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from scanner.decode.frames import Frame
from scanner.errors import DeviceBusy, NoDevice, NoPermission, NoSuchPicture, NotAPicture, TwoCandidates
from scanner.sources.camera import Camera
from scanner.sources.files import PictureOrVideo
from scanner.sources.machine import Machine
from scanner.sources.motion import HOLD, MotionGate
from scanner.sources.reconnect import Device, Reconnecting
from scanner.sources.stop import Stop
from tests.scanner.sources.conftest import Reports, as_nobody, hearing

FPS = 30
NOISE = np.random.default_rng(7).normal(0, 8, (720, 1280)).astype(np.float32)
Quick = Callable[[Device], Reconnecting]


def video(path: Path, brightness: range, size: tuple[int, int] = (1280, 720)) -> Path:
    """Write a frame for each brightness, which says later which frame it was."""
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), FPS, size)
    for level in brightness:
        writer.write(np.full((size[1], size[0], 3), level, np.uint8))
    writer.release()
    return path


def test_a_camera_that_is_read_slowly_gives_its_newest_picture(tmp_path: Path) -> None:
    path = video(tmp_path / "camera.avi", range(0, 240, 2))
    camera = Camera(str(path))
    camera.open()
    frames = camera.read(Stop())
    first = next(frames)
    assert (first.source, first.grey.shape) == (f"camera:{path}", (720, 1280))
    time.sleep(2)  # far longer than it takes to read the rest of the file
    newest = next(frames)
    assert newest.grey.mean() == pytest.approx(238, abs=2)
    camera.close()


def test_a_camera_that_ends_is_lost_and_opened_again(tmp_path: Path, quick: Quick, reports: Reports) -> None:
    path = video(tmp_path / "camera.avi", range(0, 240, 40))
    with hearing(quick(Camera(str(path)))) as ears:
        assert isinstance(ears.next(), Frame)
        lost, back = reports.wait_for(2)
        path.unlink()
        assert (lost, back) == (
            f"camera:{path}: gives no more pictures; plug the camera in again",
            f"camera:{path}: there again",
        )


def test_a_camera_that_gives_nothing_is_busy(tmp_path: Path) -> None:
    path = tmp_path / "video0"
    path.write_bytes(b"no pictures")
    with pytest.raises(DeviceBusy, match=f"^camera:{path}: {path} gives no pictures; end the program that uses it"):
        Camera(str(path)).open()


def test_no_camera_two_cameras_and_no_permission(machine: Machine) -> None:
    with pytest.raises(NoDevice, match=r"^camera: a camera is not there; plug it in"):
        Camera("", machine=machine).open()
    machine.dev.mkdir()
    for number, index in ((0, 0), (1, 1), (2, 0)):  # the second node of a camera is for data about pictures
        node = machine.sys / f"class/video4linux/video{number}"
        node.mkdir(parents=True)
        (node / "index").write_text(f"{index}\n")
        (machine.dev / f"video{number}").touch()
    with pytest.raises(TwoCandidates, match=r"this fits 2 devices; say which: camera:0 or camera:2$"):
        Camera("", machine=machine).open()
    (machine.dev / "v4l/by-id").mkdir(parents=True)
    (machine.dev / "v4l/by-id/usb-Acme_Cam-video-index0").symlink_to("../../video2")
    (machine.dev / "video2").chmod(0)
    with as_nobody(), pytest.raises(NoPermission, match=f"^camera:Acme: no permission to open {machine.dev}/video2"):
        Camera("Acme", machine=machine).open()
    with pytest.raises(NoDevice, match="/video7 is not there"):
        Camera("7", machine=machine).open()


def scene(noise: np.random.Generator, card_at: int | None = None) -> NDArray[np.uint8]:
    """Return a counter with the noise of a cheap camera, and perhaps a white card on it."""
    # Drawn once and shifted, for to draw anew takes longer than all the rest.
    picture = 90 + np.roll(NOISE, int(noise.integers(NOISE.size)))
    if card_at is not None:
        picture[300:420, card_at : card_at + 190] += 60
    return np.clip(picture, 0, 255).astype(np.uint8)


def test_the_gate_shuts_when_nothing_moves_and_its_time_stands_still() -> None:
    noise, gate = np.random.default_rng(7), MotionGate()
    passed = [gate.passes(scene(noise), at / 10) for at in range(60)]
    assert [at for at in passed if at is not None] == [at / 10 for at in range(int(HOLD * 10) + 1)]
    # A card that comes opens it at once, and the time goes on from where it stood.
    came = [gate.passes(scene(noise, 500), 6 + at / 10) for at in range(60)]
    assert came[:3] == pytest.approx([2.1, 2.2, 2.3])
    assert came[30] is None
    # It lies there for a while and is pushed a little: to the time that is a moment, so it was never away.
    pushed = gate.passes(scene(noise, 520), 12.0)
    assert pushed == pytest.approx(2.1 + HOLD + 0.1)


def test_the_gate_sees_what_moves_slowly() -> None:
    noise, gate = np.random.default_rng(7), MotionGate()
    passed = [gate.passes(scene(noise, 200 + at), at / 10) for at in range(100)]
    assert None not in passed


def test_a_video_gives_all_its_frames_and_their_times(tmp_path: Path) -> None:
    path = video(tmp_path / "film.avi", range(0, 200, 10), (320, 240))
    frames = list(PictureOrVideo(path).read())
    assert [frame.at for frame in frames] == pytest.approx([number / FPS for number in range(20)])
    assert [frame.grey.mean() for frame in frames] == pytest.approx(range(0, 200, 10), abs=2)
    assert frames[0].source == f"file:{path}"


def test_a_picture_is_one_frame(tmp_path: Path) -> None:
    path = tmp_path / "card.png"
    path.write_bytes(cv2.imencode(".png", np.full((20, 30), 77, np.uint8))[1].tobytes())
    (frame,) = PictureOrVideo(path).read()
    assert (frame.grey.shape, frame.at, frame.grey[0, 0]) == ((20, 30), 0.0, 77)


def test_a_closed_video_ends(tmp_path: Path) -> None:
    source = PictureOrVideo(video(tmp_path / "film.avi", range(50), (320, 240)))
    frames = source.read()
    next(frames)
    source.close()
    assert list(frames) == []


def test_what_is_no_picture_is_said(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    text = tmp_path / "text.avi"
    text.write_text("no video\n")
    with pytest.raises(NotAPicture, match=r"neither a picture nor a video that can be read; give another file$"):
        list(PictureOrVideo(text).read())
    with pytest.raises(NoSuchPicture, match=r"missing.avi: No such file or directory; give the name of a picture or video"):
        PictureOrVideo(tmp_path / "missing.avi").open()
    with pytest.raises(NoSuchPicture, match="Is a directory"):
        PictureOrVideo(tmp_path).open()
    assert capfd.readouterr() == ("", "")  # what FFmpeg and OpenCV would write about it
