"""Our own codes on simulated cards: read nearly always, and never as another number."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from scanner.acceptance import Acceptance, Accepted
from scanner.decode.code import CODE128, QR
from scanner.decode.frames import Frame
from scanner.decode.reader import Reader
from tests.scanner.cards import HEIGHT, WIDTH, Grey, card, card_number, empty, held

SAMPLES = 60
FRAMES_PER_SECOND = 15


@pytest.mark.parametrize("symbology", [CODE128, QR])
def test_98_percent_of_cards_are_read_and_none_as_another(symbology: str) -> None:
    random = np.random.default_rng(20240611)
    read = 0
    for _ in range(SAMPLES):
        number = card_number(random)
        codes = Reader().still(Frame("simulated", held(card(number, symbology), random)))
        assert {(code.number, code.symbology) for code in codes} <= {(number, symbology)}
        read += len(codes)
    assert read >= 0.98 * SAMPLES


@pytest.mark.parametrize("symbology", [CODE128, QR])
def test_a_live_card_is_accepted_within_a_second(symbology: str) -> None:
    random = np.random.default_rng(7)
    cards = 6
    accepted = 0
    for _ in range(cards):
        number = card_number(random)
        drawn = card(number, symbology)
        reader, acceptance = Reader(), Acceptance()
        verdicts = [
            acceptance.see(reader.live(Frame("simulated", held(drawn, random))), at / FRAMES_PER_SECOND)
            for at in range(FRAMES_PER_SECOND // 2)
        ]
        events = [verdict.code.number for verdict in verdicts if isinstance(verdict, Accepted)]
        assert events in ([], [number])
        accepted += len(events)
    assert accepted == cards


def test_frames_without_a_card_give_nothing() -> None:
    random = np.random.default_rng(3)
    reader = Reader()
    assert [reader.live(Frame("simulated", empty(random))) for _ in range(12)] == [()] * 12


def show(frames: list[Grey], per_second: int = FRAMES_PER_SECOND) -> list[tuple[int, str]]:
    """Return at which frames which number is accepted."""
    reader, acceptance = Reader(), Acceptance()
    events = []
    for index, grey in enumerate(frames):
        verdict = acceptance.see(reader.live(Frame("video", grey)), index / per_second)
        if isinstance(verdict, Accepted):
            events.append((index, verdict.code.number))
    return events


def story(symbology: str) -> tuple[str, str, list[Grey]]:
    """A card shown for 0.8 s with a blink, hidden for 1.3 s, shown again, then another card."""
    random = np.random.default_rng(11)
    first, second = card_number(random), card_number(random)
    one, other = card(first, symbology), card(second, symbology)
    frames = [held(one, random) for _ in range(6)]
    frames += [empty(random) for _ in range(3)]
    frames += [held(one, random) for _ in range(3)]
    frames += [empty(random) for _ in range(20)]
    frames += [held(one, random) for _ in range(6)]
    frames += [held(other, random) for _ in range(6)]
    return first, second, frames


@pytest.mark.parametrize("symbology", [CODE128, QR])
def test_a_card_shown_hidden_and_shown_again_gives_exactly_its_events(symbology: str) -> None:
    first, second, frames = story(symbology)
    events = show(frames)
    assert [number for _, number in events] == [first, first, second]
    assert events[0][0] < 6
    assert 32 <= events[1][0] < 38
    assert events[2][0] >= 38


def test_the_same_from_a_video_file(tmp_path: Path) -> None:
    first, second, frames = story(QR)
    path = str(tmp_path / "counter.avi")
    writer = cv2.VideoWriter(path, cv2.VideoWriter.fourcc(*"MJPG"), FRAMES_PER_SECOND, (WIDTH, HEIGHT))
    assert writer.isOpened()
    for grey in frames:
        writer.write(cv2.cvtColor(grey, cv2.COLOR_GRAY2BGR))
    writer.release()
    film = cv2.VideoCapture(path)
    played = []
    while True:
        there, picture = film.read()
        if not there:
            break
        played.append(np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY), np.uint8))
    film.release()
    assert len(played) == len(frames)
    assert [number for _, number in show(played)] == [first, first, second]
