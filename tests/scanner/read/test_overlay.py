"""The overlay window, by its pixels on a screen that nobody looks at."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import segno

from tests.patience import wait_until

pytest.importorskip("tkinter", reason="this Python has no Tk (Debian: python3-tk)")

from scanner.decode.frames import Frame
from scanner.overlay import COLOURS, Overlay, View
from tests.scanner.read.programs import run
from tests.scanner.read.screen import Screen, xvfb

NUMBER = "2100012809732267"


@pytest.fixture
def screen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Screen]:
    """Give a screen, which DISPLAY names."""
    if shutil.which("Xvfb") is None:
        pytest.fail("Xvfb is not installed; type: sudo apt-get install xvfb")
    with xvfb(tmp_path) as screen:
        monkeypatch.setenv("DISPLAY", screen.display)
        yield screen


@pytest.fixture
def overlay(screen: Screen) -> Iterator[Overlay]:
    """Give an open window on the screen."""
    window = Overlay()
    wait_until(lambda: screen.count("#000000") < 800 * 600)
    try:
        yield window
    finally:
        window.close()


def frame(grey: int = 40) -> Frame:
    """Make a picture as a camera gives it."""
    return Frame("camera", np.full((720, 1280), grey, np.uint8))


CORNERS = ((300, 200), (900, 200), (900, 500), (300, 500))


def test_the_picture_and_the_guide_are_shown(overlay: Overlay, screen: Screen) -> None:
    overlay.show(View(frame(77)))
    # 1280 x 720 is shown at a third: 427 x 240.
    wait_until(lambda: screen.count("#4d4d4d") > 427 * 240 * 0.9)
    assert screen.count(COLOURS[""]) > 100, "the dashes of the guide"
    assert screen.count(COLOURS["accepted"]) == 0


@pytest.mark.parametrize("kind", ["accepted", "refused"])
def test_a_verdict_colours_the_polygon_and_the_words(overlay: Overlay, screen: Screen, kind: str) -> None:
    overlay.show(View(frame(), (CORNERS,), kind, NUMBER))
    wait_until(lambda: screen.count(COLOURS[kind]) > 2 * (200 + 100) * 2)
    rows, columns = np.nonzero((screen.pixels() == tuple(bytes.fromhex(COLOURS[kind][1:]))).all(axis=2))
    picture = rows < 240
    assert abs(int(columns[picture].min()) - 100) <= 3
    assert abs(int(columns[picture].max()) - 300) <= 3
    assert (~picture).sum() > 1000, "and the words below have its colour behind them"


def test_a_verdict_is_seen_also_when_the_next_frame_follows_at_once(overlay: Overlay, screen: Screen) -> None:
    overlay.show(View(frame(), (), "accepted", NUMBER))
    overlay.show(View(frame(90)))
    wait_until(lambda: screen.count(COLOURS["accepted"]) > 1000 and screen.count("#5a5a5a") > 1000)
    wait_until(lambda: screen.count(COLOURS["accepted"]) == 0)


def test_closing_takes_it_off_the_screen(screen: Screen) -> None:
    window = Overlay()
    window.show(View(frame(77)))
    wait_until(lambda: screen.count("#4d4d4d") > 1000)
    window.close()
    wait_until(lambda: screen.count("#4d4d4d") == 0)
    window.show(View(frame()))  # whoever still reads is not disturbed


def test_it_opens_again_in_the_same_program(screen: Screen) -> None:
    for grey in (77, 78):
        window = Overlay()
        window.show(View(frame(grey)))
        colour = f"#{grey:02x}{grey:02x}{grey:02x}"
        wait_until(lambda colour=colour: screen.count(colour) > 1000)  # type: ignore[misc]
        window.close()


def test_reading_opens_it_for_frames_and_for_nothing_else(screen: Screen, tmp_path: Path) -> None:
    card = tmp_path / "card.png"
    segno.make_qr(NUMBER).save(str(card), scale=6)
    result = run("read", "--source", f"file:{card}", "--window", DISPLAY=screen.display)
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.startswith(NUMBER)
    codes = run("read", "--source", "stdin", "--window", text=NUMBER, DISPLAY=":nowhere")
    assert (codes.returncode, codes.stderr) == (0, "")
