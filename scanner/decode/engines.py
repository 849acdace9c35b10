"""The two engines, zxing-cpp and zbar: pixels in, codes out, both with the same names."""

from dataclasses import dataclass

import zxingcpp

from scanner.decode import zbar
from scanner.decode.code import CODE39, CODE128, EAN13, QR, UPCA, Code
from scanner.decode.frames import Grey

_FORMAT = zxingcpp.BarcodeFormat

ZXING_LINEAR = zxingcpp.BarcodeFormats((_FORMAT.Code128, _FORMAT.Code39, _FORMAT.EAN13, _FORMAT.UPCA))
ZXING_ALL = zxingcpp.BarcodeFormats((*ZXING_LINEAR, _FORMAT.QRCodeModel2))  # QRCode would bring Micro QR along

ZXING_NAMES = {_FORMAT.Code128: CODE128, _FORMAT.Code39: CODE39, _FORMAT.QRCode: QR, _FORMAT.EANUPC: EAN13}
"""The name of each of zxing's families; it gives UPC-A as an EAN-13 with a leading 0."""

ZBAR_NAMES = {"CODE128": CODE128, "CODE39": CODE39, "EAN13": EAN13, "UPCA": UPCA, "QRCODE": QR}

ZBAR_LINEAR = tuple(zbar.Symbol[name] for name in ("CODE128", "CODE39", "EAN13", "UPCA"))
"""Named one by one: zbar's default list reads stripes of all kinds as codes, and its PDF417 complains on stderr."""

EVERY = 2
"""Of so many rows and columns zbar looks along one for linear codes: as many are found, in half the time."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What zxing-cpp read, and whether it also found a QR code by its corners that it could not read."""

    codes: list[Code]
    damaged_qr: bool


def zxing(grey: Grey, *, linear_only: bool = False, thorough: bool = True) -> Reading:
    """Return what zxing-cpp finds; `thorough` also turns the picture, inverts it and looks at it from further away."""
    found = zxingcpp.read_barcodes(
        grey,
        formats=ZXING_LINEAR if linear_only else ZXING_ALL,
        try_rotate=thorough,
        try_downscale=thorough,
        try_invert=thorough,
        text_mode=zxingcpp.TextMode.Plain,
        return_errors=not linear_only,
    )
    codes = [
        _named(
            barcode.text,
            ZXING_NAMES[barcode.symbology],
            tuple(
                (point.x, point.y)
                for point in (
                    barcode.position.top_left,
                    barcode.position.top_right,
                    barcode.position.bottom_right,
                    barcode.position.bottom_left,
                )
            ),
        )
        for barcode in found
        if barcode.valid
    ]
    return Reading(codes, any(not barcode.valid and ZXING_NAMES[barcode.symbology] == QR for barcode in found))


def zbar_linear(grey: Grey, *, every: int = EVERY) -> list[Code]:
    """Return the linear codes that zbar finds along one of so many rows and columns."""
    return _zbar(zbar.scan(grey, ZBAR_LINEAR, rows=every, columns=every))


def zbar_upright(grey: Grey, *, every: int = EVERY) -> list[Code]:
    """Return the linear codes with upright bars that zbar finds along one of so many rows."""
    return _zbar(zbar.scan(grey, ZBAR_LINEAR, rows=every, columns=0))


def zbar_qr(grey: Grey) -> list[Code]:
    """Return the QR codes that zbar finds; of text that is not ASCII it guesses the encoding, and may guess wrong."""
    return _zbar(zbar.scan(grey, (zbar.Symbol.QRCODE,)))


def _zbar(found: list[zbar.Found]) -> list[Code]:
    return [_named(one.data.decode("utf-8", "backslashreplace"), ZBAR_NAMES[one.symbology], one.corners) for one in found]


def retail(digits: str, position: tuple[tuple[int, int], ...]) -> Code:
    """Call an EAN-13 that begins with 0 what it is, a UPC-A of twelve digits: the bars are the same."""
    return Code(digits[1:], UPCA, position) if digits.startswith("0") else Code(digits, EAN13, position)


def _named(text: str, symbology: str, position: tuple[tuple[int, int], ...]) -> Code:
    return retail(text, position) if symbology == EAN13 else Code(text, symbology, position)
