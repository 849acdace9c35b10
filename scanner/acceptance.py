"""Decides whether what was read is a card that is shown now: the last door before a number leaves the scanner."""

import re
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from scanner.decode.code import EAN13, UPCA, Code, proves_itself
from scanner.decode.place import overlap

FRAMES = 6
"""How many frames are remembered."""

AGAIN = 2
"""In how many of them a number has to be seen, unless it proves itself."""

REARM_SECONDS = 1.0
"""How long a card has to be out of sight before it counts as shown again."""

AIM = re.compile(r"\][A-Za-z][0-9A-Za-z]")
"""What many readers put before the number to say which symbology it stood in (ISO/IEC 15424)."""
AIM_LENGTH = 3

DROPPED = "\x1d \t\r\n"
"""GS, which GS1 codes have between their parts, and white space."""


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
        self._frames: deque[frozenset[str]] = deque(maxlen=FRAMES)
        self._last_seen: dict[str, float] = {}
        """What was said already, a number or a reason, and when it was last in sight."""

    def see(self, codes: Sequence[Code], at: float) -> Verdict | None:
        """Judge the codes of one frame of a camera; call it for every frame, also for those without a code.

        A frame with two values is refused: for one place, because one of them is misread; for two places, because only
        the customer knows which card is meant. What cannot be a card (wrong pattern, a product's EAN) does not count as
        a second card.
        """
        self._forget(at)
        cleaned = [replace(code, number=clean(code.number)) for code in codes]
        # A card that was said stays in sight also in frames that are refused for what is beside it.
        self._last_seen.update({code.number: at for code in cleaned if code.number in self._last_seen})
        if two_values_for_one_place(cleaned):
            self._frames.append(frozenset())
            return self._refuse("this code reads in two ways; hold the card flat, closer and out of the glare", cleaned, at)
        cards = {code.number: code for code in cleaned if self._objection(code) is None}
        self._frames.append(frozenset(cards))
        if len(cards) > 1:
            return self._refuse("two cards are in sight; show only one", list(cards.values()), at)
        for card in cards.values():
            times = sum(card.number in frame for frame in self._frames)
            if card.number in self._last_seen or proves_itself(card) or times >= AGAIN:
                return self._accept(card, at)
            return None
        for code in cleaned:
            return self._refuse(self._objection(code) or "", [code], at)
        return None

    def hear(self, text: str, symbology: str, at: float) -> Verdict | None:
        """Judge a complete code from a reader that decodes by itself (wedge, serial, HID); no second reading is asked for."""
        self._forget(at)
        code = Code(clean(text), symbology, ())
        if not code.number:
            return None
        objection = self._objection(code)
        return self._accept(code, at) if objection is None else self._refuse(objection, [code], at)

    def _objection(self, code: Code) -> str | None:
        """Return why the code is no card of this tenant, or None."""
        if code.symbology in {EAN13, UPCA} and not (self._ean_prefix and code.number.startswith(self._ean_prefix)):
            return "this is the barcode of a product; show the loyalty card"
        if self._pattern is not None and not self._pattern.fullmatch(code.number):
            return "this is not one of our card numbers; show the loyalty card"
        return None

    def _forget(self, at: float) -> None:
        self._last_seen = {said: seen for said, seen in self._last_seen.items() if at - seen < REARM_SECONDS}

    def _accept(self, card: Code, at: float) -> Accepted | None:
        return Accepted(card) if self._first(card.number, at) else None

    def _refuse(self, reason: str, codes: Iterable[Code], at: float) -> Refused | None:
        return Refused(reason, tuple(codes)) if self._first(reason, at) else None

    def _first(self, said: str, at: float) -> bool:
        """Tell whether this was not said yet while it is in sight, and note that it is."""
        first = said not in self._last_seen
        self._last_seen[said] = at
        return first


def clean(text: str) -> str:
    """Return the number in what a reader gives: without AIM id, group separators and spaces."""
    without_id = text[AIM_LENGTH:] if AIM.match(text) else text
    return "".join(character for character in without_id if character not in DROPPED)


def two_values_for_one_place(codes: Sequence[Code]) -> bool:
    """Tell whether one place of a frame was read in two ways, so that at least one of them is wrong."""
    return any(
        one.number != other.number and overlap(one.position, other.position)
        for place, one in enumerate(codes)
        for other in codes[place + 1 :]
    )
