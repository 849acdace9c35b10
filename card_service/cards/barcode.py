"""Turns a card number into the modules of a Code 128 or a QR code, and reads modules back with an independent reader."""

from dataclasses import dataclass
from enum import StrEnum

import segno
import zxingcpp
from barcode.codex import Code128

from card_service.cards.rules import is_card_number
from card_service.kit.errors import ServiceError, ValidationFailed


class Symbology(StrEnum):
    """How a number is drawn: as bars for the readers of tills, or as a QR code for telephones."""

    CODE128 = "code128"
    QR = "qr"


QUIET_ZONE = {Symbology.CODE128: 10, Symbology.QR: 4}
"""Modules of white space left and right of the bars (ISO/IEC 15417), and all around a QR code (ISO/IEC 18004)."""

_READ_AS = {Symbology.CODE128: zxingcpp.BarcodeFormat.Code128, Symbology.QR: zxingcpp.BarcodeFormat.QRCode}


class CodeUnreadable(ServiceError):
    """What was drawn does not read back as the number that it is of."""

    status = 500
    code = "CODE_UNREADABLE"
    title = "The code that was drawn does not read back as the card's number, so it was not handed out; replace the number"


@dataclass(frozen=True, slots=True)
class Symbol:
    """The modules of a code without its quiet zone: a byte each, 1 for dark; bars have one row, which is all of them."""

    symbology: Symbology
    text: str
    rows: tuple[bytes, ...]

    @property
    def quiet(self) -> int:
        """The width of the quiet zone, in modules."""
        return QUIET_ZONE[self.symbology]

    @property
    def width(self) -> int:
        """How many modules it is wide, quiet zones included."""
        return len(self.rows[0]) + 2 * self.quiet


class _Code128(Code128):  # type: ignore[misc]  # python-barcode ships no types
    """python-barcode's Code 128 without its defect that drops a leading `99` (its issue 251, up to 0.16.1).

    In code set C the pair 99 has the value that elsewhere means "switch to code set C", and the library
    folds it into the start symbol. Numbers made by this service never begin so, a tenant's own may.
    """

    def _try_to_optimize(self, encoded: list[int]) -> list[int]:
        return encoded if self.code.startswith("99") else super()._try_to_optimize(encoded)


def symbol_of(text: str, symbology: Symbology) -> Symbol:
    """Work out the modules of a card number; digits go in pairs (code set C), a QR code is the smallest of level M.

    16 digits are 123 modules of bars, and a QR code of version 1. Raises ValidationFailed for a text that is no card
    number (docs/contract.md section 1): more than 50 characters, spaces, other alphabets. Both codes hold every other.
    """
    if not is_card_number(text):
        raise ValidationFailed(
            {"cardNumber": ["Must be 1 to 50 printable ASCII characters without spaces to be drawn as a code."]}
        )
    if symbology is Symbology.CODE128:
        return Symbol(symbology, text, (bytes(map(int, _Code128(text).build()[0])),))
    # Always a full QR code (`make_qr`): for short texts `segno.make` picks Micro QR, which few readers know. Without
    # `boost_error` the level is the M that was asked for.
    code = segno.make_qr(text, error="m", boost_error=False)
    return Symbol(symbology, text, tuple(map(bytes, code.matrix)))


def require_readable(symbol: Symbol, pixels: bytes, width: int) -> None:
    """Read a picture of the symbol, a byte of grey for each pixel; raises CodeUnreadable unless it says what it must."""
    picture = memoryview(pixels).cast("B", (len(pixels) // width, width))
    # As it stands: a code that only reads inverted or turned is not what was meant to be drawn.
    found = zxingcpp.read_barcodes(
        picture,
        formats=zxingcpp.BarcodeFormats(_READ_AS[symbol.symbology]),
        try_rotate=False,
        try_invert=False,
        text_mode=zxingcpp.TextMode.Plain,
    )
    if [code.bytes for code in found] != [symbol.text.encode("ascii")]:
        raise CodeUnreadable
