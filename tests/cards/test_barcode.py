"""The pictures of card numbers, read back by an independent reader."""

from io import BytesIO
from itertools import pairwise

import pytest
from PIL import Image
from pyzbar import pyzbar

from card_service.cards.barcode import (
    PIXELS_PER_MODULE,
    QR_PIXELS_PER_MODULE,
    barcode_png,
    qr_png,
)
from card_service.cards.numbers import SERIALS, card_number

KEY = bytes(range(32))
ISSUED = [card_number(KEY, tenant_id, serial) for tenant_id in (1, 9_999) for serial in (0, 1, 12_345, SERIALS - 1)]
OWN = ["A", "7", "CARD001", "card-001", "0000000000000000", "99", "9912345678", "99A", "1299", "9" * 16, "~!#%", "A" * 50]


def read(png: bytes) -> list[tuple[str, str]]:
    with Image.open(BytesIO(png)) as picture:
        assert picture.format == "PNG"
        grey = picture.convert("L")
    symbols = [pyzbar.ZBarSymbol.CODE128, pyzbar.ZBarSymbol.QRCODE]
    return [(found.data.decode("ascii"), found.type) for found in pyzbar.decode(grey, symbols=symbols)]


def white_columns(png: bytes) -> tuple[int, int]:
    """Return how many columns at the left and at the right are wholly white."""
    with Image.open(BytesIO(png)) as picture:
        dark = picture.convert("L").point(lambda level: 255 if level < 128 else 0).getbbox()
        assert dark is not None
        return dark[0], picture.width - dark[2]


@pytest.mark.parametrize("number", [*ISSUED, *OWN])
def test_barcode_reads_back(number: str) -> None:
    assert read(barcode_png(number)) == [(number, "CODE128")]


@pytest.mark.parametrize("number", [*ISSUED, *OWN])
def test_qr_code_reads_back(number: str) -> None:
    # A Micro QR code, as segno.make would draw "7", is not read at all.
    assert read(qr_png(number)) == [(number, "QRCODE")]


def test_quiet_zones_are_as_wide_as_the_standards_ask() -> None:
    assert min(white_columns(barcode_png(ISSUED[0]))) >= 10 * PIXELS_PER_MODULE
    assert min(white_columns(qr_png(ISSUED[0]))) >= 4 * QR_PIXELS_PER_MODULE


def test_every_bar_is_a_whole_number_of_modules() -> None:
    with Image.open(BytesIO(barcode_png(ISSUED[0]))) as picture:
        row = bytes(picture.convert("L").crop((0, 40, picture.width, 41)).tobytes())
    edges = [place for place in range(1, len(row)) if (row[place] < 128) != (row[place - 1] < 128)]
    widths = [later - earlier for earlier, later in pairwise(edges)]
    # 16 digits are start, 8 pairs, check and stop: 10 symbols of 6 bars and spaces, the stop of 7.
    assert len(widths) == 10 * 6 + 7
    assert {width % PIXELS_PER_MODULE for width in widths} == {0}
