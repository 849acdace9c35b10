"""Decides whether what was read is a card that is shown now: the last door before a number leaves the scanner."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from scanner.decode.code import Code


@dataclass(frozen=True, slots=True)
class Accepted:
    """A card was shown: say it once; `code.number` is the cleaned number."""

    code: Code


@dataclass(frozen=True, slots=True)
class Refused:
    """Something was shown that is not taken; `reason` is a sentence for the cashier, said once while it stays in sight."""

    reason: str
    codes: tuple[Code, ...]


Verdict = Accepted | Refused


class Acceptance:
    """The rules of one source; `at` is a monotonic time in seconds."""

    def __init__(self, *, pattern: str | re.Pattern[str] | None = None, ean_prefix: str | None = None) -> None:
        """Take numbers that match `pattern` in full, and EAN-13 and UPC-A only when they begin with `ean_prefix`."""
        self._pattern = re.compile(pattern) if pattern is not None else None
        self._ean_prefix = ean_prefix

    def see(self, codes: Sequence[Code], at: float) -> Verdict | None:
        """Judge the codes of one frame of a camera; call it for every frame, also for those without a code."""
        raise NotImplementedError

    def hear(self, text: str, symbology: str, at: float) -> Verdict | None:
        """Judge a complete code from a reader that decodes by itself (wedge, serial, HID); no second reading is asked for."""
        raise NotImplementedError
