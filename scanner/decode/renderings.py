"""The steps of reading a picture: which rendering of it is shown to which engine, the cheap ones first."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial

import cv2
import numpy as np

from scanner.decode.code import EAN13, QR, UPCA, Code
from scanner.decode.engines import retail, zbar_linear, zbar_qr, zbar_upright, zxing
from scanner.decode.frames import Grey
from scanner.decode.matcher import match_ean
from scanner.decode.stripes import Cutting, cut_around, cut_out
from scanner.decode.votes import MATCHER, ZBAR, ZXING

Reading = tuple[str, list[Code]]
"""An engine, and what it read on one rendering, with positions in pixels of the picture."""

SMALL = 640 * 480
"""Pixels, of pictures whose bars may be less than two wide."""


@dataclass
class Picture:
    """A picture, and what the steps so far say is on it: most have nothing that the later, dear steps could read."""

    grey: Grey
    damaged_qr: bool = False
    """zxing found a QR code by its corners on some rendering, and could not read it."""

    @cached_property
    def cuttings(self) -> list[Cutting]:
        """The striped places."""
        return cut_out(self.grey)

    @property
    def hopeful(self) -> bool:
        """Tell whether there is something like a code."""
        return self.damaged_qr or bool(self.cuttings)

    def zxing(self, rendering: Grey, *, thorough: bool = True, scale: float = 1) -> Reading:
        """Show a rendering, so many times as large as the picture, to zxing."""
        seen = zxing(rendering, thorough=thorough)
        self.damaged_qr |= seen.damaged_qr
        return ZXING, _scaled_back(seen.codes, scale)


Step = Callable[[Picture], Iterator[Reading]]


def plain(picture: Picture) -> Iterator[Reading]:
    """The picture as it is, to both engines: what is sharp and held straight.

    What zxing found is first shown to zbar alone; only if that does not settle it zbar looks at the whole picture, and
    at every line of it where there is something to confirm.
    """
    _, found = picture.zxing(picture.grey, thorough=False)
    yield ZXING, found
    linear = [code for code in found if code.symbology != QR]
    again: set[str] = set()
    for code in linear:
        codes = _around(code, picture.grey)
        again.update(other.number for other in codes)
        yield ZBAR, codes
    if not again or again != {code.number for code in linear}:
        yield ZBAR, _at_most(partial(zbar_linear, every=1) if linear else zbar_linear, picture.grey, 1000)


def thorough(picture: Picture) -> Iterator[Reading]:
    """Turned, inverted and from further away."""
    yield picture.zxing(picture.grey)


def cuttings(picture: Picture) -> Iterator[Reading]:
    """Striped places, turned so that the bars stand upright."""
    for cutting in picture.cuttings:
        found: set[str] = set()
        for engine, codes in _upright(cutting):
            found.update(code.symbology for code in codes)
            yield engine, codes
        if found <= {EAN13, UPCA}:
            yield from _matched(cutting)


def closer(grey: Grey, seen: Code) -> Iterator[Reading]:
    """The place where one engine saw a code and no other did, cut out and shown to all once more."""
    cutting = replace(cut_around(grey, seen.position), position=seen.position)
    yield from _upright(cutting, every=1, thorough=True)
    if seen.symbology in {EAN13, UPCA}:
        yield from _matched(cutting)


def smoothed(picture: Picture) -> Iterator[Reading]:
    """Without the noise of a dark room, which breaks the modules of a QR code up; stripes are for `cuttings`."""
    if picture.damaged_qr or not picture.cuttings:
        yield picture.zxing(np.asarray(cv2.GaussianBlur(picture.grey, (0, 0), 1), np.uint8))


def contrast(picture: Picture) -> Iterator[Reading]:
    """Shade and glare evened out, which blurred codes gain most from."""
    even = _even(picture.grey)
    yield picture.zxing(even)
    if picture.cuttings:
        yield ZBAR, _at_most(zbar_linear, even, 800)


def qr(picture: Picture) -> Iterator[Reading]:
    """A QR code that zxing found and could not read: to zbar, which forgives other damage, and evened out and enlarged."""
    if picture.damaged_qr:
        yield ZBAR, _at_most(zbar_qr, picture.grey, 800)
        if picture.grey.size <= SMALL:
            yield ZBAR, _scaled(zbar_qr, picture.grey, 2)
            yield picture.zxing(_resized(_even(picture.grey), 1.6), scale=1.6)


def enlarged(picture: Picture) -> Iterator[Reading]:
    """Twice as large, for small pictures: bars of less than two pixels."""
    if picture.grey.size <= SMALL and picture.hopeful:
        yield picture.zxing(_resized(picture.grey, 2), scale=2)
        if picture.cuttings:
            yield ZBAR, _scaled(zbar_linear, picture.grey, 2)


def sharpened(picture: Picture) -> Iterator[Reading]:
    """Edges of small pictures steepened (unsharp mask)."""
    if picture.grey.size <= SMALL and picture.hopeful:
        smooth = cv2.GaussianBlur(picture.grey, (0, 0), 2)
        sharp = np.asarray(cv2.addWeighted(picture.grey, 2.0, smooth, -1.0, 0), np.uint8)
        yield picture.zxing(sharp)
        if picture.cuttings:
            yield ZBAR, zbar_linear(sharp)


CHEAP: Sequence[Step] = (plain, thorough)
DEAR: Sequence[Step] = (smoothed, cuttings, contrast, qr, enlarged, sharpened)


def _upright(cutting: Cutting, *, every: int = 2, thorough: bool = False) -> Iterator[Reading]:
    """Show a cutting to both engines, as it is and evened out."""
    for rendering in (cutting.grey, _even(cutting.grey)):
        by_zxing = zxing(rendering, linear_only=True, thorough=thorough).codes
        for engine, codes in ((ZXING, by_zxing), (ZBAR, zbar_upright(rendering, every=every))):
            yield engine, [replace(code, position=cutting.position) for code in codes]


def _matched(cutting: Cutting) -> Iterator[Reading]:
    for digits in match_ean(cutting.grey):
        yield MATCHER, [retail(digits, cutting.position)]


def _around(code: Code, grey: Grey) -> list[Code]:
    """Show zbar the place of a code, with a margin for the quiet zones."""
    (left, top), (right, bottom) = np.min(code.position, axis=0), np.max(code.position, axis=0)
    margin = max(20, int(right - left) // 4)
    left, top = max(0, int(left) - margin), max(0, int(top) - 20)
    place = np.ascontiguousarray(grey[top : int(bottom) + 20, left : int(right) + margin])
    return [
        replace(other, position=tuple((x + left, y + top) for x, y in other.position))
        for other in _at_most(partial(zbar_linear, every=1), place, 800)
    ]


def _even(grey: Grey) -> Grey:
    return np.asarray(cv2.createCLAHE(3.0, (8, 8)).apply(grey), np.uint8)


def _at_most(engine: Callable[[Grey], list[Code]], grey: Grey, longer_side: int) -> list[Code]:
    """Show the picture no larger than that: zbar's time grows with the pixels, what it finds does not."""
    scale = longer_side / max(grey.shape)
    return engine(grey) if scale >= 1 else _scaled(engine, grey, scale)


def _scaled(engine: Callable[[Grey], list[Code]], grey: Grey, scale: float) -> list[Code]:
    return _scaled_back(engine(_resized(grey, scale)), scale)


def _resized(grey: Grey, scale: float) -> Grey:
    way = cv2.INTER_CUBIC if scale > 1 else cv2.INTER_AREA
    return np.asarray(cv2.resize(grey, None, fx=scale, fy=scale, interpolation=way), np.uint8)


def _scaled_back(codes: list[Code], scale: float) -> list[Code]:
    return [replace(code, position=tuple((round(x / scale), round(y / scale)) for x, y in code.position)) for code in codes]
