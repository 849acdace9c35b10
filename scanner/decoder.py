"""Finds the codes on a frame, with zbar."""

from dataclasses import dataclass

from pyzbar import pyzbar

from scanner.errors import NothingFound
from scanner.frames import Frame

SYMBOLOGIES = (
    pyzbar.ZBarSymbol.CODE128,
    pyzbar.ZBarSymbol.QRCODE,
    pyzbar.ZBarSymbol.EAN13,
    pyzbar.ZBarSymbol.UPCA,
    pyzbar.ZBarSymbol.CODE39,
)
"""What is printed on loyalty cards.

The others that zbar knows are off: Interleaved 2 of 5 and Codabar are found in any striped thing, and the
PDF417 reader complains on stderr.
"""


@dataclass(frozen=True, slots=True)
class Code:
    """A code that was read: its text, and zbar's name of its kind, such as CODE128 or QRCODE."""

    number: str
    symbology: str


def find_codes(frame: Frame) -> tuple[Code, ...]:
    """Return the different codes on the frame, from the top down.

    Card numbers are ASCII; of other text in a QR code zbar guesses the encoding, and may guess wrong.

    Raises `NothingFound` when there is no code.
    """
    found = pyzbar.decode(frame.grey, symbols=SYMBOLOGIES)
    found.sort(key=lambda symbol: (symbol.rect.top, symbol.rect.left))
    codes = (Code(symbol.data.decode("utf-8", "backslashreplace"), symbol.type) for symbol in found)
    # One code can be seen in two places, and is then still one card; a dict keeps the order.
    different = tuple(dict.fromkeys(codes))
    if not different:
        raise NothingFound(f"{frame.source}: no barcode found; take the picture closer, sharper and without glare")
    return different
