"""A place that one engine read is looked at again, upright and by all: the second witness is often there."""

import cv2
import numpy as np
import pytest

from scanner.decode.code import CODE128, EAN13, QR, Code
from scanner.decode.renderings import closer
from scanner.decode.votes import ZBAR, ZXING, Votes
from tests.scanner.cards import Grey
from tests.scanner.decode.test_matcher import bars, ean

HERE = ((0, 0), (100, 0), (100, 40), (0, 40))
BELOW = ((0, 200), (100, 200), (100, 240), (0, 240))
BESIDE = ((300, 0), (400, 0), (400, 100), (300, 100))


def turned(drawn: Grey, degrees: float) -> tuple[Grey, tuple[tuple[int, int], ...]]:
    """Lay a drawn EAN on a large grey table; gives the picture, and the ends of a line across the bars."""
    height, width = drawn.shape
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 0.5)
    turn[:, 2] += (400 - width / 2, 400 - height / 2)
    picture = cv2.warpAffine(drawn, turn, (800, 800), borderMode=cv2.BORDER_CONSTANT, borderValue=(120,))
    ends = np.array([[60, height / 2, 1], [width - 60, height / 2, 1]]) @ turn.T
    return np.asarray(picture, np.uint8), tuple((round(x), round(y)) for x, y in ends)


@pytest.mark.parametrize("degrees", [0, 25, 90, 160])
def test_both_engines_read_a_place_that_is_shown_upright(degrees: float) -> None:
    number = ean(3)
    picture, line = turned(bars(number, 0.2, 2, 3), degrees)
    seen = Code(number, EAN13, line)
    found = {engine: {code.number for code in codes} for engine, codes in closer(picture, seen) if codes}
    assert found.keys() >= {ZXING, ZBAR}
    assert set().union(*found.values()) == {number}


def test_an_empty_place_confirms_nothing() -> None:
    table = np.full((300, 300), 120, np.uint8)
    assert [codes for _, codes in closer(table, Code("4006209700068", EAN13, HERE)) if codes] == []


def test_only_linear_codes_that_are_not_believed_are_worth_it() -> None:
    votes = Votes()
    one, sure, square = Code("4006209700068", EAN13, HERE), Code("A1", CODE128, BELOW), Code("x", QR, BESIDE)
    votes.add(ZXING, [one, sure, square])
    votes.add(ZBAR, [sure])
    assert votes.doubtful() == [one]
