"""A code that was found on a frame, whichever engine found it."""

import re
from dataclasses import dataclass

CODE128 = "CODE128"
QR = "QR"
EAN13 = "EAN13"
UPCA = "UPCA"
CODE39 = "CODE39"

SYMBOLOGIES = (CODE128, QR, EAN13, UPCA, CODE39)
"""What is printed on loyalty cards.

The others that the engines know are off: Interleaved 2 of 5 and Codabar are found in any striped thing.
"""

CARD_NUMBER = re.compile(r"[0-9]{16}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Code:
    """A code that was read: its text, its symbology (one of `SYMBOLOGIES`), and the corners of where it is.

    `position` is a polygon in pixels of the frame, x before y, for the overlay and to tell places apart. Two codes of
    the same text are equal wherever they are: the same card seen twice is one card.
    """

    number: str
    symbology: str
    position: tuple[tuple[int, int], ...]


def proves_itself(code: Code) -> bool:
    """Tell whether one reading is enough: a QR code corrects its errors, our own numbers have check digits (ISO/IEC 7064, 97)."""
    return code.symbology == QR or (
        code.symbology == CODE128 and CARD_NUMBER.fullmatch(code.number) is not None and int(code.number) % 97 == 1
    )
