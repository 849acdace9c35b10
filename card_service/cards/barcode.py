"""Draws a card number as a PNG: as Code 128 for counter scanners, as a QR code for telephones."""

from io import BytesIO

import segno
from barcode.codex import Code128
from barcode.writer import ImageWriter

DPI = 300
_MM_PER_INCH = 25.4

PIXELS_PER_MODULE = 4
"""The thinnest bar: 0.34 mm at 300 dpi, and whole pixels, so that no bar is rounded to another width."""

QUIET_ZONE_MODULES = 20
"""White space left and right of the bars; ISO/IEC 15417 asks for ten, cutting a card takes some of it."""

QR_QUIET_ZONE_MODULES = 4
"""White space around the QR code, as ISO/IEC 18004 asks."""

QR_PIXELS_PER_MODULE = 8


class _Code128(Code128):  # type: ignore[misc]  # python-barcode ships no types
    """python-barcode's Code 128 without its defect that drops a leading `99` (its issue 251, up to 0.16.1).

    In code set C the pair 99 has the value that elsewhere means "switch to code set C", and the library
    folds it into the start symbol. Numbers made by this service never begin so, a tenant's own may.
    """

    def _try_to_optimize(self, encoded: list[int]) -> list[int]:
        return encoded if self.code.startswith("99") else super()._try_to_optimize(encoded)


def barcode_png(number: str) -> bytes:
    """Return the bytes of a PNG with `number` as Code 128, its quiet zones and the number in digits below.

    `number` is a card number: 1 to 50 printable ASCII characters without spaces (docs/contract.md section 1).
    """
    module_mm = PIXELS_PER_MODULE * _MM_PER_INCH / DPI
    options = {
        "module_width": module_mm,
        "quiet_zone": QUIET_ZONE_MODULES * module_mm,
        "module_height": 15.0,
        "font_size": 10,
        "text_distance": 5.0,
    }
    png = BytesIO()
    _Code128(number, writer=ImageWriter(format="PNG", mode="L", dpi=DPI)).write(png, options)
    return png.getvalue()


def qr_png(number: str) -> bytes:
    """Return the bytes of a PNG with `number` as a QR code, quiet zone included.

    Always a full QR code (`make_qr`): for short texts `segno.make` picks Micro QR, which few readers know.
    """
    png = BytesIO()
    segno.make_qr(number, error="m").save(png, kind="png", scale=QR_PIXELS_PER_MODULE, border=QR_QUIET_ZONE_MODULES)
    return png.getvalue()
