"""Finds where a picture is striped and cuts those places out, turned so that the bars stand upright.

A linear code is a place where all gradients point the same way. The structure tensor (Bigun and Granlund, 1987) says for
each neighbourhood how strongly they do, and which way.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from scanner.decode.frames import Grey

LOOK_AT = 640
"""Pixels of the longer side at which the stripes are looked for."""

MOST = 3
"""How many places are cut out of one picture."""

COHERENT = 0.65
"""How strongly the gradients of a neighbourhood have to point the same way: 0 any way, 1 all the same."""

NARROWEST = 40
"""Pixels, where the stripes are looked for; a narrower place has bars of less than half a pixel."""

WIDE_ENOUGH = 500
"""Pixels across a cutting that both engines can work with; a narrower place is enlarged to it, at most three times."""


@dataclass(frozen=True, slots=True)
class Cutting:
    """A striped place: its pixels, bars upright, and its corners in the picture."""

    grey: Grey
    position: tuple[tuple[int, int], ...]


def cut_out(grey: Grey) -> list[Cutting]:
    """Return the striped places of a picture, the most striped first."""
    scale = min(1.0, LOOK_AT / max(grey.shape))
    small = cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA) if scale < 1 else grey
    small = cv2.GaussianBlur(small, (3, 3), 0)
    window = max(9, round(max(small.shape) * 0.03) | 1)
    along = cv2.Sobel(small, cv2.CV_32F, 1, 0, ksize=3)
    down = cv2.Sobel(small, cv2.CV_32F, 0, 1, ksize=3)
    xx, yy, xy = (cv2.boxFilter(product, -1, (window, window)) for product in (along * along, down * down, along * down))
    energy = xx + yy
    coherence = np.sqrt((xx - yy) ** 2 + 4 * xy * xy) / (energy + 1e-3)
    strong = max(600.0, 0.12 * float(np.percentile(energy, 98)))
    striped = ((coherence > COHERENT) & (energy > strong)).astype(np.uint8)
    striped = np.asarray(cv2.morphologyEx(striped, cv2.MORPH_CLOSE, np.ones((window, window), np.uint8)), np.uint8)
    count, labels, statistics, _ = cv2.connectedComponentsWithStats(striped)
    sizes = statistics[:, cv2.CC_STAT_AREA]
    places = []
    for label in sorted(range(1, count), key=lambda label: -int(sizes[label]))[: 2 * MOST]:
        if sizes[label] < 2 * window * window:
            break
        rows, columns = np.nonzero(labels == label)
        difference = float((xx[rows, columns] - yy[rows, columns]).sum())
        mixed = 2 * float(xy[rows, columns].sum())
        weight = float(np.hypot(difference, mixed))
        if weight < 0.5 * float(energy[rows, columns].sum()):
            continue  # striped this way here and that way there: text, or a basket
        box = _box(columns, rows, 0.5 * float(np.arctan2(mixed, difference)))
        if box is not None:
            places.append((weight, box))
    places.sort(key=lambda place: -place[0])
    return [_cut(grey, box.scaled(1 / scale)) for _, box in places[:MOST]]


@dataclass(frozen=True, slots=True)
class _Box:
    """A turned rectangle: the angle across the bars, and from where to where, across and along them."""

    angle: float
    left: float
    right: float
    top: float
    bottom: float

    def scaled(self, by: float) -> "_Box":
        return _Box(self.angle, self.left * by, self.right * by, self.top * by, self.bottom * by)

    def point(self, across: float, along: float) -> tuple[int, int]:
        cosine, sine = np.cos(self.angle), np.sin(self.angle)
        return round(across * cosine - along * sine), round(across * sine + along * cosine)


def _box(columns: NDArray[np.intp], rows: NDArray[np.intp], angle: float) -> _Box | None:
    """Return the box around those pixels with room for the quiet zones, or None when no code has that shape."""
    across = columns * np.cos(angle) + rows * np.sin(angle)
    along = rows * np.cos(angle) - columns * np.sin(angle)
    left, right = np.percentile(across, [0.5, 99.5])
    top, bottom = np.percentile(along, [3, 97])
    width = right - left
    if width < NARROWEST or width < 0.5 * (bottom - top):
        return None
    return _Box(angle, float(left - 0.12 * width), float(right + 0.12 * width), float(top), float(bottom))


def _cut(grey: Grey, box: _Box) -> Cutting:
    """Cut the box out, 500 to 1400 pixels wide where it can be, and flat: of the height only so much is needed."""
    width, height = box.right - box.left, box.bottom - box.top
    scale = min(WIDE_ENOUGH / width, 3.0) if width < WIDE_ENOUGH else min(1.0, 1400 / width)
    flat = min(scale, 120 / height)
    cosine, sine = np.cos(box.angle), np.sin(box.angle)
    back = np.array(
        [
            [cosine / scale, -sine / flat, cosine * box.left - sine * box.top],
            [sine / scale, cosine / flat, sine * box.left + cosine * box.top],
        ]
    )
    size = (max(1, int(width * scale)), max(1, int(height * flat)))
    cutting = cv2.warpAffine(grey, back, size, flags=cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP, borderMode=cv2.BORDER_REPLICATE)
    corners = ((box.left, box.top), (box.right, box.top), (box.right, box.bottom), (box.left, box.bottom))
    return Cutting(np.asarray(cutting, np.uint8), tuple(box.point(across, along) for across, along in corners))
