"""Finds where a picture is striped and cuts those places out, turned so that the bars stand upright.

A linear code is a place where all gradients point the same way. The structure tensor (Bigun and Granlund, 1987) says for
each neighbourhood how strongly they do, and which way.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from scanner.decode.frames import Grey

Floats = NDArray[np.float32]

LOOK_AT = (640, 1280)
"""Pixels of the longer side at which the stripes are looked for; the next one only when the first shows none."""

WINDOW = 0.03
"""Of the longer side of the first: how large the neighbourhoods are in which the gradients have to agree."""

MOST = 3
"""How many places are cut out of one picture."""

TRIED = 10
"""Of so many striped places it is looked whether they change often enough."""

CHANGES = 16
"""From light to dark and back across a cutting. Of 144 places of sharp codes on real photographs one had 24 and the others
34 or more, very blurred ones have 18; of 62 places of something else 50 had less than 16.
"""

SAMPLES = 480
"""The length to which a cutting is brought before its changes are counted."""

COHERENT = 0.65
"""How strongly the gradients of a neighbourhood have to point the same way: 0 any way, 1 all the same."""

EDGES = 400
"""The least mean square of Sobel gradients; paper and skin have less."""

ENOUGH_EDGES = 20_000
"""What counts at most, so that one black bar on white does not outdo a whole code."""

DIRECTIONS = 8
"""Into how many directions the half turn is divided; a striped place lies within one and its two neighbours."""

FULL = 0.6
"""How much of the box around a striped place has to be striped; what has grown together has corners left over."""

COARSER = 2
"""What is found is as smooth as the window; only every second row and column of it is kept."""

NARROWEST = 20
"""Coarser pixels; a narrower place has bars of less than half a pixel."""

WIDE_ENOUGH = 500
"""Pixels across a cutting that both engines can work with; a narrower place is enlarged to it, at most three times."""


@dataclass(frozen=True, slots=True)
class Cutting:
    """A striped place: its pixels, bars upright, and its corners in the picture."""

    grey: Grey
    position: tuple[tuple[int, int], ...]


def cut_out(grey: Grey) -> list[Cutting]:
    """Return the places of a picture that are striped as often as a code is, the most striped first."""
    for longer_side in LOOK_AT:
        cuttings = [_cut(grey, box) for box in _striped(grey, longer_side)[:TRIED]]
        codes = [cutting for cutting in cuttings if _changes(cutting.grey) >= CHANGES]
        if codes or longer_side >= max(grey.shape):
            return codes[:MOST]
    return []


def _striped(grey: Grey, longer_side: int) -> list["_Box"]:
    """Return the striped places that the picture shows at that size, the most striped first."""
    scale = min(1.0, longer_side / max(grey.shape))
    small = cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA) if scale < 1 else grey
    window = max(9, round(min(max(small.shape), LOOK_AT[0]) * WINDOW) | 1)
    cosine, sine, weight, directions = _tensor(np.asarray(small, np.uint8), window)
    scale, window = scale / COARSER, window // COARSER
    gap = cv2.getStructuringElement(cv2.MORPH_RECT, (window, window))
    edge = cv2.getStructuringElement(cv2.MORPH_RECT, (window * 5 // 4, window * 5 // 4))
    places = []
    for direction in range(DIRECTIONS):
        neighbours = np.zeros(256, np.uint8)
        neighbours[[(direction + turn) % DIRECTIONS for turn in (-1, 0, 1)]] = 1
        near = cv2.morphologyEx(cv2.LUT(directions, neighbours), cv2.MORPH_CLOSE, gap)
        # One edge alone is striped too, as wide as the window; opening takes it away.
        mask = cv2.morphologyEx(near, cv2.MORPH_OPEN, edge)
        if not cv2.countNonZero(mask):
            continue
        count, labels, statistics, _ = cv2.connectedComponentsWithStats(mask)
        for label in range(1, count):
            left, top, width, height = (int(number) for number in statistics[label][:4])
            if np.hypot(width, height) < NARROWEST:
                continue
            window_of = (slice(top, top + height), slice(left, left + width))
            rows, columns = np.nonzero(labels[window_of] == label)
            across = float(cosine[window_of][rows, columns].sum()), float(sine[window_of][rows, columns].sum())
            turned = round(float(np.arctan2(across[1], across[0])) * DIRECTIONS / (2 * np.pi)) % DIRECTIONS
            if turned != direction:
                continue  # seen better in the neighbouring direction
            box = _box(columns + left, rows + top, 0.5 * float(np.arctan2(across[1], across[0])))
            if box is not None:
                places.append((float(weight[window_of][rows, columns].sum()), box))
    places.sort(key=lambda place: -place[0])
    return [box.scaled(1 / scale) for _, box in places]


def _changes(upright: Grey) -> int:
    """Count how often it gets light or dark across a cutting, in the part of its height where that is most often."""
    most = 0
    for top, bottom in ((0.2, 0.45), (0.4, 0.6), (0.55, 0.8)):
        rows = upright[int(len(upright) * top) : max(int(len(upright) * bottom), int(len(upright) * top) + 1)]
        profile = rows.mean(axis=0, dtype=np.float32)[None]
        way = cv2.INTER_AREA if profile.shape[1] > SAMPLES else cv2.INTER_CUBIC
        profile = np.asarray(cv2.resize(profile, (SAMPLES, 1), interpolation=way), np.float32)
        level = (profile - cv2.GaussianBlur(profile, (0, 0), SAMPLES / 24))[0]
        sides = level[np.abs(level) > max(2.0, 0.3 * float(level.std()))] > 0
        most = max(most, int(np.count_nonzero(sides[1:] != sides[:-1])))
    return most


def cut_around(grey: Grey, position: tuple[tuple[int, int], ...]) -> Cutting:
    """Return the place of a linear code that was seen once, upright, for a closer look; `position` is a line of it or more."""
    corners = np.array(position, np.float32)
    _, (width, height), turn = cv2.minAreaRect(corners)
    angle = float(np.deg2rad(turn if width >= height else turn + 90))
    across = corners[:, 0] * np.cos(angle) + corners[:, 1] * np.sin(angle)
    along = corners[:, 1] * np.cos(angle) - corners[:, 0] * np.sin(angle)
    wide = max(float(np.ptp(across)), 1.0)
    middle, half = float(along.max() + along.min()) / 2, max(float(np.ptp(along)) / 2, 0.1 * wide)
    left, right = float(across.min()) - 0.15 * wide, float(across.max()) + 0.15 * wide
    return _cut(grey, _Box(angle, left, right, middle - half, middle + half))


def _tensor(small: Grey, window: int) -> tuple[Floats, Floats, Floats, Grey]:
    """Return for each coarser pixel the doubled direction of the gradients (cosine, sine), how much it counts, and its direction.

    The direction is 0 to `DIRECTIONS` - 1, or 255 where nothing is striped.
    """
    smooth = cv2.GaussianBlur(small, (3, 3), 0)
    along = cv2.Sobel(smooth, cv2.CV_32F, 1, 0, ksize=3)
    down = cv2.Sobel(smooth, cv2.CV_32F, 0, 1, ksize=3)
    xx, yy, xy = (
        cv2.boxFilter(product, -1, (window, window))[::COARSER, ::COARSER]
        for product in (along * along, down * down, along * down)
    )
    cosine, sine = np.asarray(xx - yy, np.float32), np.asarray(2 * xy, np.float32)
    energy = np.asarray(xx + yy, np.float32)
    length, angle = cv2.cartToPolar(cosine, sine)
    coherence = np.asarray(length / (energy + 1), np.float32)
    directions = (angle * (DIRECTIONS / (2 * np.pi)) + 0.5).astype(np.uint8) % DIRECTIONS
    directions[(coherence < COHERENT) | (energy < EDGES)] = 255
    return cosine, sine, coherence**4 * np.minimum(energy, ENOUGH_EDGES), directions


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
    if width < NARROWEST or width < 0.8 * (bottom - top) or len(rows) < FULL * width * (bottom - top):
        return None
    return _Box(angle, float(left - 0.2 * width), float(right + 0.2 * width), float(top), float(bottom))


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
