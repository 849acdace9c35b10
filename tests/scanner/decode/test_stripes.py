"""Striped places: found also when small, and only those that are striped as often as a code."""

import cv2
import numpy as np
import segno

from scanner.decode.renderings import Picture, contrast, enlarged, plain, qr, sharpened, thorough
from scanner.decode.stripes import cut_out
from scanner.decode.votes import ZBAR
from tests.scanner.cards import Grey
from tests.scanner.decode.test_matcher import bars, ean


def table(height: int, width: int) -> Grey:
    return np.full((height, width), 120, np.uint8)


def test_a_code_is_cut_out_also_where_it_is_small() -> None:
    drawn = bars(ean(1), 0.2, 2, 1)[40:140]
    for picture in (table(480, 640), table(1200, 1280)):
        small = np.asarray(cv2.resize(drawn, None, fx=0.45, fy=0.6, interpolation=cv2.INTER_AREA), np.uint8)
        picture[200 : 200 + small.shape[0], 150 : 150 + small.shape[1]] = small
        assert len(cut_out(picture)) == 1


def test_few_stripes_are_no_code() -> None:
    fence = table(480, 640)
    for post in range(5):
        fence[100:300, 100 + 60 * post : 130 + 60 * post] = 30
    assert cut_out(fence) == []


def test_a_picture_without_anything_like_a_code_is_spared_the_dear_steps() -> None:
    picture = Picture(table(300, 400))
    for step in (plain, thorough):
        list(step(picture))
    assert not picture.hopeful
    assert [list(step(picture)) for step in (qr, enlarged, sharpened)] == [[], [], []]
    assert ZBAR not in {engine for engine, _ in contrast(picture)}


def test_a_qr_code_that_is_seen_and_not_read_is_worth_them() -> None:
    picture = Picture(torn())
    assert all(codes == [] for step in (plain, thorough) for _, codes in step(picture))
    assert picture.damaged_qr
    assert picture.hopeful
    assert list(qr(picture)) != []


def torn() -> Grey:
    """Draw a QR code of which all but the corners is noise."""
    modules = np.array([list(row) for row in segno.make_qr("2100012809732267").matrix], np.uint8)
    noise = np.random.default_rng(2).integers(0, 2, modules.shape).astype(np.uint8)
    noise[:9, :9], noise[-8:, :9], noise[:9, -8:] = modules[:9, :9], modules[-8:, :9], modules[:9, -8:]
    return np.pad(np.kron(255 - 255 * noise, np.ones((6, 6), np.uint8)), 40, constant_values=255)
