"""From the events of a keyboard to the characters that its keys stand for."""

import struct
from collections.abc import Iterator

from scanner.sources.layouts import ALT_GR, LEFT_CONTROL, LEFT_SHIFT, RIGHT_CONTROL, RIGHT_SHIFT, Layout

EVENT = struct.Struct("@llHHi")
"""`struct input_event`: seconds, microseconds, type, code, value; 24 bytes on a 64-bit machine."""

EV_SYN, EV_KEY = 0, 1
SYN_REPORT, SYN_DROPPED = 0, 3
RELEASED, PRESSED = 0, 1
"""The third value, 2, is the kernel's own repeat of a key that is held: a reader never means it."""

_SHIFT, _CONTROL = {LEFT_SHIFT, RIGHT_SHIFT}, {LEFT_CONTROL, RIGHT_CONTROL}
_CONTROL_BITS = 0x1F


class Keys:
    """Follows which keys are held, and says what is typed."""

    def __init__(self, layout: Layout) -> None:
        """Begin with no key held."""
        self._layout = layout
        self._rest = b""
        self._held: set[int] = set()
        self._is_dropping = False
        self._waits_for_space = False

    def characters(self, data: bytes) -> Iterator[str | None]:
        """Give what is typed by these bytes of events, and None where the kernel had to drop some."""
        data = self._rest + data
        whole = len(data) - len(data) % EVENT.size
        self._rest = data[whole:]
        for _, _, kind, code, value in EVENT.iter_unpack(data[:whole]):
            if kind == EV_SYN and code == SYN_DROPPED:
                # The kernel's buffer ran over: all up to the next report is of no use, and what is held is not known.
                self._is_dropping = True
                self._held.clear()
                yield None
            elif self._is_dropping:
                self._is_dropping = not (kind == EV_SYN and code == SYN_REPORT)
            elif kind == EV_KEY and value == PRESSED:
                self._held.add(code)
                yield from self._typed(code)
            elif kind == EV_KEY and value == RELEASED:
                self._held.discard(code)

    def _typed(self, key: int) -> str:
        """Return the character of a key; nothing for Shift, an arrow, and the space that makes a dead key visible."""
        unshifted = self._layout.alt_gr if ALT_GR in self._held else self._layout.plain
        if self._held & _CONTROL:
            return _control(unshifted.get(key, ""))
        is_shifted = bool(self._held & _SHIFT) and ALT_GR not in self._held
        character = (self._layout.shift if is_shifted else unshifted).get(key, "")
        if not character:
            return ""
        was_waiting, self._waits_for_space = self._waits_for_space, False
        if was_waiting and character == " ":
            return ""
        # AltGr gives the sign itself; the key without it waits for the letter that it goes above.
        self._waits_for_space = character in self._layout.dead and ALT_GR not in self._held
        return character


def _control(character: str) -> str:
    """Return what Ctrl makes of a character: a reader types Ctrl and `]` for the separator GS of a code with fields."""
    return chr(ord(character.upper()) & _CONTROL_BITS) if "@" <= character.upper() <= "_" else ""
