"""Cards held before a camera, simulated: our own codes drawn, then tilted, turned, blurred, lit, and seen through noise.

Everything comes from the seed. A code is drawn at `SHEET` pixels a millimetre and projected to 5 to 10 pixels a millimetre.
"""

from functools import cache
from io import BytesIO

import cv2
import numpy as np
import segno
from numpy.random import Generator
from numpy.typing import NDArray
from zxingcpp import BarcodeFormat, create_barcode, write_barcode_to_image

Grey = NDArray[np.uint8]

SHEET = 12
CARD_MM = (85.6, 54.0)
MODULE_MM = 0.339
QR_MODULE_MM = 0.6

WIDTH, HEIGHT = 720, 640
"""Of a camera's 1280 x 720, so much that the code is always in it; the rest only costs time."""


def card_number(random: Generator) -> str:
    """Return sixteen digits whose check digits hold, as the service issues them."""
    body = int(random.integers(10**13, 10**14 - 1)) * 100
    return str(body + (1 - body) % 97)


@cache
def card(number: str, symbology: str) -> Grey:
    """Draw a card with one code in its middle, `SHEET` pixels a millimetre."""
    width, height = (round(side * SHEET) for side in CARD_MM)
    sheet = np.full((height, width), 235, np.uint8)
    if symbology == "QR":
        file = BytesIO()
        segno.make_qr(number, error="m").save(file, kind="png", border=4, scale=1)
        code = cv2.imdecode(np.frombuffer(file.getvalue(), np.uint8), cv2.IMREAD_GRAYSCALE)
        assert code is not None
        modules = np.asarray(code, np.uint8)
        size = (round(modules.shape[1] * QR_MODULE_MM * SHEET),) * 2
    else:
        modules = np.asarray(write_barcode_to_image(create_barcode(number, BarcodeFormat.Code128), scale=1), np.uint8)[:1]
        modules = np.pad(modules, ((0, 0), (10, 10)), constant_values=255)
        size = (round(modules.shape[1] * MODULE_MM * SHEET), 14 * SHEET)
    drawn = cv2.resize(modules, size, interpolation=cv2.INTER_NEAREST)
    top, left = (height - drawn.shape[0]) // 2, (width - drawn.shape[1]) // 2
    sheet[top : top + drawn.shape[0], left : left + drawn.shape[1]] = np.where(drawn > 127, 240, 25)
    return sheet


def held(drawn: Grey, random: Generator) -> Grey:
    """Return one frame of the camera with the card somewhere in it."""
    scene = _background(random)
    height, width = drawn.shape
    scale = random.uniform(5, 10) / SHEET
    turn = random.uniform(0, 2 * np.pi)
    corners = np.array([(-width, -height), (width, -height), (width, height), (-width, height)]) / 2
    tilt = 1 + corners @ random.uniform(-0.12, 0.12, 2) / (width / 2)
    turned = corners @ np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    middle = np.array([WIDTH / 2, HEIGHT / 2]) + random.uniform(-30, 30, 2)
    seen = turned * scale / tilt[:, None] + middle
    flat = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32)
    projection = cv2.getPerspectiveTransform(flat, seen.astype(np.float32))
    # Shrinking without smoothing first would invent patterns that no lens gives.
    smooth = cv2.GaussianBlur(drawn, (0, 0), 0.4 / scale)
    on_it = cv2.warpPerspective(smooth, projection, (WIDTH, HEIGHT), flags=cv2.INTER_LINEAR)
    mask = cv2.warpPerspective(np.full_like(drawn, 255), projection, (WIDTH, HEIGHT))
    sharp = np.where(mask > 127, on_it, scene).astype(np.float32)
    blurred = np.asarray(cv2.GaussianBlur(sharp, (0, 0), random.uniform(0.3, 1.2)), np.float32)
    noise = random.standard_normal(blurred.shape, np.float32) * np.float32(random.uniform(1, 8))
    lit: NDArray[np.float32] = np.clip(_lit(blurred, middle, random) + noise, 0, 255)
    return lit.astype(np.uint8)


def empty(random: Generator) -> Grey:
    """Return a frame without a card."""
    noise = 4 * random.standard_normal((HEIGHT, WIDTH), np.float32)
    noisy: NDArray[np.float32] = np.clip(_background(random) + noise, 0, 255)
    return noisy.astype(np.uint8)


def _background(random: Generator) -> Grey:
    """A blurred counter: large soft shapes."""
    patches = random.integers(30, 200, (5, 9)).astype(np.uint8)
    return np.asarray(cv2.resize(patches, (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC), np.uint8)


def _lit(scene: NDArray[np.float32], middle: NDArray[np.float64], random: Generator) -> NDArray[np.float32]:
    """Light from one side, and a patch of glare at the edge of the card that takes the contrast away but not all of it."""
    rows, columns = np.ogrid[0.0:HEIGHT, 0.0:WIDTH]
    side = random.uniform(-0.25, 0.25, 2)
    light = 0.85 + side[0] * (columns / WIDTH - 0.5) + side[1] * (rows / HEIGHT - 0.5)
    where = middle + random.uniform(-200, 200, 2)
    distance = (columns - where[0]) ** 2 + (rows - where[1]) ** 2
    glare = random.uniform(20, 90) * np.exp(-distance / (2 * random.uniform(40, 120) ** 2))
    return np.asarray(scene * light + glare, np.float32)
