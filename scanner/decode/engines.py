"""The two engines, zxing-cpp and zbar: pixels in, codes out, both with the same names."""

import zxingcpp
from pyzbar import pyzbar

from scanner.decode.code import CODE39, CODE128, EAN13, QR, UPCA, Code
from scanner.decode.frames import Grey

_FORMAT = zxingcpp.BarcodeFormat

ZXING_LINEAR = zxingcpp.BarcodeFormats((_FORMAT.Code128, _FORMAT.Code39, _FORMAT.EAN13, _FORMAT.UPCA))
ZXING_ALL = zxingcpp.BarcodeFormats((*ZXING_LINEAR, _FORMAT.QRCodeModel2))  # QRCode would bring Micro QR along

ZXING_NAMES = {_FORMAT.Code128: CODE128, _FORMAT.Code39: CODE39, _FORMAT.QRCode: QR, _FORMAT.EANUPC: EAN13}
"""The name of each of zxing's families; it gives UPC-A as an EAN-13 with a leading 0."""

ZBAR_NAMES = {"CODE128": CODE128, "CODE39": CODE39, "EAN13": EAN13, "UPCA": UPCA, "QRCODE": QR}

ZBAR_LINEAR = tuple(pyzbar.ZBarSymbol[name] for name in ("CODE128", "CODE39", "EAN13", "UPCA"))
"""Named one by one: zbar's default list reads stripes of all kinds as codes, and its PDF417 complains on stderr."""


def zxing(grey: Grey, *, linear_only: bool = False, thorough: bool = True) -> list[Code]:
    """Return what zxing-cpp finds; `thorough` also turns the picture, inverts it and looks at it from further away."""
    found = zxingcpp.read_barcodes(
        grey,
        formats=ZXING_LINEAR if linear_only else ZXING_ALL,
        try_rotate=thorough,
        try_downscale=thorough,
        try_invert=thorough,
        text_mode=zxingcpp.TextMode.Plain,
    )
    return [
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
    ]


def zbar_linear(grey: Grey) -> list[Code]:
    """Return the linear codes that zbar finds."""
    return _zbar(grey, ZBAR_LINEAR)


def zbar_qr(grey: Grey) -> list[Code]:
    """Return the QR codes that zbar finds; of text that is not ASCII it guesses the encoding, and may guess wrong."""
    return _zbar(grey, (pyzbar.ZBarSymbol.QRCODE,))


def _zbar(grey: Grey, symbols: tuple[pyzbar.ZBarSymbol, ...]) -> list[Code]:
    return [
        _named(
            symbol.data.decode("utf-8", "backslashreplace"),
            ZBAR_NAMES[symbol.type],
            tuple((point.x, point.y) for point in symbol.polygon),
        )
        for symbol in pyzbar.decode(grey, symbols=symbols)
    ]


def retail(digits: str, position: tuple[tuple[int, int], ...]) -> Code:
    """Call an EAN-13 that begins with 0 what it is, a UPC-A of twelve digits: the bars are the same."""
    return Code(digits[1:], UPCA, position) if digits.startswith("0") else Code(digits, EAN13, position)


def _named(text: str, symbology: str, position: tuple[tuple[int, int], ...]) -> Code:
    return retail(text, position) if symbology == EAN13 else Code(text, symbology, position)
