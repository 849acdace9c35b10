"""The steps of reading a picture: which rendering of it is shown to which engine, the cheap ones first."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import cv2
import numpy as np

from scanner.decode.code import EAN13, QR, UPCA, Code
from scanner.decode.engines import retail, zbar_linear, zbar_qr, zxing
from scanner.decode.frames import Grey
from scanner.decode.matcher import match_ean
from scanner.decode.stripes import cut_around, cut_out
from scanner.decode.votes import MATCHER, ZBAR, ZXING

Reading = tuple[str, list[Code]]
"""An engine, and what it read on one rendering, with positions in pixels of the picture."""

SMALL = 640 * 480
"""Pixels, of pictures whose bars may be less than two wide."""

Step = Callable[[Grey], Iterator[Reading]]


def plain(grey: Grey) -> Iterator[Reading]:
    """The picture as it is, to both engines: what is sharp and held straight.

    What zxing found is first shown to zbar alone; only if that does not settle it zbar looks at the whole picture.
    """
    found = zxing(grey, thorough=False)
    yield ZXING, found
    again: set[str] = set()
    for code in found:
        if code.symbology != QR:
            codes = _around(code, grey)
            again.update(other.number for other in codes)
            yield ZBAR, codes
    if not again or again != {code.number for code in found if code.symbology != QR}:
        yield ZBAR, _at_most(zbar_linear, grey, 1000)


def thorough(grey: Grey) -> Iterator[Reading]:
    """Turned, inverted and from further away."""
    yield ZXING, zxing(grey)


def contrast(grey: Grey) -> Iterator[Reading]:
    """Shade and glare evened out, which blurred codes gain most from."""
    even = _even(grey)
    yield ZXING, zxing(even)
    yield ZBAR, _at_most(zbar_linear, even, 800)


def cuttings(grey: Grey) -> Iterator[Reading]:
    """Striped places, turned so that the bars stand upright."""
    for cutting in cut_out(grey):
        found: set[str] = set()
        for rendering in (cutting.grey, _even(cutting.grey)):
            for engine, codes in ((ZXING, zxing(rendering, linear_only=True, thorough=False)), (ZBAR, zbar_linear(rendering))):
                found.update(code.symbology for code in codes)
                yield engine, [replace(code, position=cutting.position) for code in codes]
        if found <= {EAN13, UPCA}:
            for digits in match_ean(cutting.grey):
                yield MATCHER, [retail(digits, cutting.position)]


def closer(grey: Grey, seen: Code) -> Iterator[Reading]:
    """The place where one engine saw a code and no other did, cut out and shown to all once more."""
    cutting = cut_around(grey, seen.position)
    for rendering in (cutting.grey, _even(cutting.grey)):
        for engine, codes in ((ZXING, zxing(rendering, linear_only=True)), (ZBAR, zbar_linear(rendering))):
            yield engine, [replace(code, position=seen.position) for code in codes]
    if seen.symbology in {EAN13, UPCA}:
        for digits in match_ean(cutting.grey):
            yield MATCHER, [retail(digits, seen.position)]


def smoothed(grey: Grey) -> Iterator[Reading]:
    """Without the noise of a dark room, which breaks the modules of a QR code up."""
    yield ZXING, zxing(np.asarray(cv2.GaussianBlur(grey, (0, 0), 1), np.uint8))


def qr(grey: Grey) -> Iterator[Reading]:
    """QR codes by zbar, which forgives other damage than zxing."""
    yield ZBAR, _at_most(zbar_qr, grey, 800)


def enlarged(grey: Grey) -> Iterator[Reading]:
    """Twice as large, for small pictures: bars of less than two pixels."""
    if grey.size <= SMALL:
        yield ZXING, _scaled(zxing, grey, 2)
        yield ZBAR, _scaled(zbar_linear, grey, 2)
        yield ZBAR, _scaled(zbar_qr, grey, 2)


def sharpened(grey: Grey) -> Iterator[Reading]:
    """Edges of small pictures steepened (unsharp mask)."""
    if grey.size <= SMALL:
        sharp = np.asarray(cv2.addWeighted(grey, 2.0, cv2.GaussianBlur(grey, (0, 0), 2), -1.0, 0), np.uint8)
        yield ZXING, zxing(sharp)
        yield ZBAR, zbar_linear(sharp)


CHEAP: Sequence[Step] = (plain, thorough)
DEAR: Sequence[Step] = (smoothed, cuttings, contrast, qr, enlarged, sharpened)


def _around(code: Code, grey: Grey) -> list[Code]:
    """Show zbar the place of a code, with a margin for the quiet zones."""
    (left, top), (right, bottom) = np.min(code.position, axis=0), np.max(code.position, axis=0)
    margin = max(20, int(right - left) // 4)
    left, top = max(0, int(left) - margin), max(0, int(top) - 20)
    place = np.ascontiguousarray(grey[top : int(bottom) + 20, left : int(right) + margin])
    return [
        replace(other, position=tuple((x + left, y + top) for x, y in other.position))
        for other in _at_most(zbar_linear, place, 800)
    ]


def _even(grey: Grey) -> Grey:
    return np.asarray(cv2.createCLAHE(3.0, (8, 8)).apply(grey), np.uint8)


def _at_most(engine: Callable[[Grey], list[Code]], grey: Grey, longer_side: int) -> list[Code]:
    """Show the picture no larger than that: zbar's time grows with the pixels, what it finds does not."""
    scale = longer_side / max(grey.shape)
    return engine(grey) if scale >= 1 else _scaled(engine, grey, scale)


def _scaled(engine: Callable[[Grey], list[Code]], grey: Grey, scale: float) -> list[Code]:
    way = cv2.INTER_CUBIC if scale > 1 else cv2.INTER_AREA
    other = np.asarray(cv2.resize(grey, None, fx=scale, fy=scale, interpolation=way), np.uint8)
    return [
        replace(code, position=tuple((round(x / scale), round(y / scale)) for x, y in code.position)) for code in engine(other)
    ]
