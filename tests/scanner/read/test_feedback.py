"""What the person at the counter hears and sees: tones through a player, a video's events, and why there is no window."""

import subprocess
import time
import wave
from pathlib import Path

import cv2
import numpy as np
import pytest
import segno

from scanner.beep import RATE, TONES, Beeper, write_tone
from tests.patience import wait_until
from tests.scanner.read.programs import COMMAND, ROOT, environment, run

NUMBER = "2100012809732267"


@pytest.fixture
def card(tmp_path: Path) -> Path:
    """Give a picture of a card."""
    path = tmp_path / "card.png"
    segno.make_qr(NUMBER).save(str(path), scale=6)
    return path


def test_without_a_screen_it_reads_all_the_same(card: Path) -> None:
    asked = run("read", "--source", f"file:{card}", "--window")
    assert (asked.returncode, asked.stdout.partition("\t")[0]) == (0, NUMBER)
    assert asked.stderr == "scanner: without a window: there is no screen\n"
    assert run("read", "--source", f"file:{card}").stderr == ""


def test_a_screen_that_does_not_answer_is_one_line(card: Path) -> None:
    result = run("read", "--source", f"file:{card}", DISPLAY=":4711")
    assert (result.returncode, result.stdout.partition("\t")[0]) == (0, NUMBER)
    assert result.stderr == "scanner: without a window: there is no screen\n"


def test_a_python_without_tk_says_what_to_install_once(card: Path) -> None:
    program = f"import sys; sys.modules['tkinter'] = None; {COMMAND[2]}"
    result = subprocess.run(
        [COMMAND[0], "-c", program, "read", "--source", f"file:{card}"],
        check=False,
        capture_output=True,
        encoding="utf-8",
        cwd=ROOT,
        env=environment(DISPLAY=":0"),
    )
    assert (result.returncode, result.stdout.partition("\t")[0]) == (0, NUMBER)
    assert result.stderr.count("python3-tk") == 1


def test_a_video_of_a_card_shown_hidden_and_shown_again_is_two_events(tmp_path: Path) -> None:
    card = tmp_path / "card.png"
    segno.make_qr(NUMBER).save(str(card), scale=8, border=4)
    shown = np.full((480, 640), 255, np.uint8)
    code = cv2.imread(str(card), cv2.IMREAD_GRAYSCALE)
    assert code is not None
    shown[100 : 100 + code.shape[0], 200 : 200 + code.shape[1]] = code
    hidden = np.full((480, 640), 128, np.uint8)
    video = cv2.VideoWriter(str(tmp_path / "card.avi"), cv2.VideoWriter.fourcc(*"MJPG"), 10, (640, 480), isColor=False)
    for picture, count in ((hidden, 3), (shown, 8), (hidden, 15), (shown, 8), (hidden, 3)):
        for _ in range(count):
            video.write(picture)
    video.release()
    result = run("read", "--source", f"file:{tmp_path / 'card.avi'}")
    assert result.stdout.splitlines() == [f"{NUMBER}\tQR\tfile:{tmp_path / 'card.avi'}"] * 2
    assert (result.returncode, result.stderr) == (0, "")


def _player(folder: Path, script: str) -> None:
    """Put a program that plays into a folder that becomes the PATH."""
    path = folder / "aplay"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o700)


def test_a_player_is_given_the_tone_and_nobody_waits_for_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    heard = tmp_path / "heard"
    _player(tmp_path, f'/bin/cat "$2" > {heard}.part; /bin/mv {heard}.part {heard}; exec /bin/sleep 1000')
    monkeypatch.setenv("PATH", str(tmp_path))
    beeper = Beeper()
    beeper.accepted()
    beeper.accepted()
    wait_until(heard.exists)
    write_tone(tmp_path / "wanted", *TONES["accepted"])
    assert heard.read_bytes() == (tmp_path / "wanted").read_bytes()
    # Nor at the end: it plays no longer than any tone, so something keeps it.
    beeper.close()


def test_a_player_without_a_sound_card_is_not_asked_twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _player(tmp_path, f'echo once >> "{tmp_path}/asked"; exit 1')
    monkeypatch.setenv("PATH", str(tmp_path))
    beeper = Beeper()
    beeper.refused()
    wait_until((tmp_path / "asked").exists)
    time.sleep(0.2)
    beeper.refused()
    beeper.refused()
    beeper.close()
    assert (tmp_path / "asked").read_text() == "once\n"


@pytest.mark.parametrize("name", ["accepted", "refused"])
def test_a_tone_has_its_pitch_and_its_length(tmp_path: Path, name: str) -> None:
    hertz, seconds = TONES[name]
    write_tone(tmp_path / "tone.wav", hertz, seconds)
    with wave.open(str(tmp_path / "tone.wav")) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, RATE)
        samples = np.frombuffer(file.readframes(file.getnframes()), "<i2").astype(float)
    assert len(samples) / RATE == pytest.approx(seconds, abs=0.001)
    loudest = np.abs(np.fft.rfft(samples)).argmax() * RATE / len(samples)
    assert loudest == pytest.approx(hertz, abs=15)
    assert abs(samples[0]) == 0
    assert 8000 < np.abs(samples).max() < 14000
