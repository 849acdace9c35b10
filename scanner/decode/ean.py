"""The patterns of EAN-13 (ISO/IEC 15420), 95 modules: guard 101, six digits, 01010, six digits, 101; a 1 is dark."""

from collections.abc import Sequence

import numpy as np

MODULES = 95

LEFT = ("0001101", "0011001", "0010011", "0111101", "0100011", "0110001", "0101111", "0111011", "0110111", "0001011")
RIGHT = tuple(digit.translate(str.maketrans("01", "10")) for digit in LEFT)
MIRRORED = tuple(digit[::-1] for digit in RIGHT)
PARITY = np.array(
    [
        [letter == "G" for letter in word]
        for word in ["LLLLLL", "LLGLGG", "LLGGLG", "LLGGGL", "LGLLGG", "LGGLLG", "LGGGLL", "LGLGLG", "LGLGGL", "LGGLGL"]
    ]
)
"""In which of the left digits the mirrored form says that the first digit is 0, 1, ... 9."""

PATTERNS = (*LEFT, *MIRRORED, *RIGHT)
"""All thirty; a symbol is twelve of them, given by their numbers here."""

PLACES = tuple(3 + 7 * digit for digit in range(6)) + tuple(50 + 7 * digit for digit in range(6))
"""The module at which each of the twelve begins."""

_FIRST = {tuple(mirrored): first for first, mirrored in enumerate(PARITY.tolist())}


def number_of(patterns: Sequence[int]) -> str | None:
    """Return the thirteen digits that twelve patterns stand for, or None when no first digit has that parity."""
    first = _FIRST.get(tuple(pattern >= len(LEFT) for pattern in patterns[:6]))
    return None if first is None else f"{first}{''.join(str(pattern % 10) for pattern in patterns)}"


def checks(number: str) -> bool:
    """Tell whether the check digit holds."""
    return sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(number)) % 10 == 0
