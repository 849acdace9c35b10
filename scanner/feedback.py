"""What the person at the counter hears and sees of the reading: tones, a window, and sentences."""

from types import TracebackType
from typing import TYPE_CHECKING, Self

from scanner.acceptance import Accepted, Refused
from scanner.beep import Beeper
from scanner.printable import printable
from scanner.read import Seen
from scanner.sources.choose import say

if TYPE_CHECKING:
    from scanner.overlay import Overlay  # brings Tk, which may be missing

NO_TK = "without a window: this Python has no Tk (on Debian or Ubuntu: sudo apt-get install python3-tk)"
NO_SCREEN = "without a window: there is no screen"


class Feedback:
    """Tones unless `quiet`; a window for sources of frames: `window` True or False, or None where there is a screen."""

    def __init__(self, *, quiet: bool = False, window: bool | None = None) -> None:
        """Prepare; the window opens with the first frame."""
        self._beeper = None if quiet else Beeper()
        self._wants_window = window
        self._overlay: Overlay | None = None

    def __enter__(self) -> Self:
        """Give the feedback itself."""
        return self

    def __exit__(self, kind: type[BaseException] | None, problem: BaseException | None, traceback: TracebackType | None) -> None:
        """Close the window and end the tones."""
        if self._overlay is not None:
            self._overlay.close()
        if self._beeper is not None:
            self._beeper.close()

    def show(self, seen: Seen) -> None:
        """Draw what was seen, and say what was refused; that a card was taken is said by `accepted`."""
        self._draw(seen)
        if isinstance(seen.verdict, Refused):
            say(seen.verdict.reason)
            self.refused()

    def accepted(self) -> None:
        """Sound for a card that was taken."""
        if self._beeper is not None:
            self._beeper.accepted()

    def refused(self) -> None:
        """Sound for what was not taken, or is not known."""
        if self._beeper is not None:
            self._beeper.refused()

    def _draw(self, seen: Seen) -> None:
        if seen.frame is None:
            return
        if self._overlay is None:
            if self._wants_window is False:
                return
            self._overlay = _open_window(asked_for=self._wants_window is True)
            self._wants_window = False  # it is tried once
            if self._overlay is None:
                return
        from scanner.overlay import View  # noqa: PLC0415 - it is there: the window is open

        polygons = tuple(code.position for code in seen.codes if code.position)
        match seen.verdict:
            case Accepted(code):
                self._overlay.show(View(seen.frame, polygons, "accepted", printable(code.number)))
            case Refused(reason):
                self._overlay.show(View(seen.frame, polygons, "refused", reason))
            case None:
                self._overlay.show(View(seen.frame, polygons))


def _open_window(*, asked_for: bool) -> "Overlay | None":
    """Open the window, or say once why there is none; no screen is said only to who asked for a window."""
    try:
        import tkinter as tk  # noqa: PLC0415 - a part of Python that Debian packs apart

        from scanner.overlay import Overlay, has_screen  # noqa: PLC0415
    except ImportError:
        say(NO_TK)
        return None
    try:
        if has_screen():
            return Overlay()
    except tk.TclError:
        asked_for = True  # DISPLAY names a screen that cannot be used, which is worth a line
    if asked_for:
        say(NO_SCREEN)
    return None
