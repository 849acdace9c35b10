"""A small window that shows what the camera sees, where a card was found, and what was decided.

Tk lives in a thread of its own, because a camera before which nothing moves gives no frames, and the window must be drawn
all the same. It never takes the keyboard: what the cashier types stays where she types.
"""

import gc
import math
import os
import threading
import tkinter as tk
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from scanner.decode.frames import Frame

WIDTH = 480
"""In pixels of the screen; the height follows from the picture."""
LOOK_EVERY_MS = 40
SHOWN_MS = 1500
"""How long a verdict stays."""
GUIDE = 0.7
"""The part of width and height in which a card is best held."""
COLOURS = {"accepted": "#2ecc40", "refused": "#ff4136", "": "#ffffff"}
WAITING = "hold the card here"


@dataclass(frozen=True, slots=True)
class View:
    """One picture for the window: the frame, the corners of what was found, and a verdict: kind and words, or neither."""

    frame: "Frame"
    polygons: tuple[tuple[tuple[int, int], ...], ...] = ()
    kind: str = ""
    words: str = ""


class Overlay:
    """The window; `show` may be called from any thread, and returns at once."""

    def __init__(self) -> None:
        """Open the window; raises `tkinter.TclError` when there is no screen."""
        self._newest: View | None = None
        self._verdict: View | None = None
        self._problem: tk.TclError | None = None
        self._closing = False
        self._is_open = threading.Event()
        self._thread = threading.Thread(target=self._run, name="overlay", daemon=True)
        self._thread.start()
        self._is_open.wait()
        if self._problem is not None:
            raise self._problem

    def show(self, view: View) -> None:
        """Show this picture; one that comes before it was drawn is passed over, but a verdict never is."""
        self._newest = view
        if view.kind:
            self._verdict = view

    def close(self) -> None:
        """Close the window, and wait until it is gone."""
        self._closing = True
        self._thread.join(5)

    def _run(self) -> None:
        """Make, draw and destroy the window: all in this thread, as Tk demands."""
        try:
            self._loop()
        except tk.TclError as problem:
            self._problem = problem
        finally:
            self._is_open.set()
            # What is left of the window refers to itself; collected later by another thread, it would end the program.
            gc.collect()

    def _loop(self) -> None:
        window = _Window()
        self._is_open.set()

        def look() -> None:
            if self._closing:
                window.root.destroy()
                return
            view, self._newest = self._newest, None
            verdict, self._verdict = self._verdict, None
            if view is not None:
                window.draw(view)
            if verdict is not None:
                window.say(verdict.kind, verdict.words)
            window.root.after(LOOK_EVERY_MS, look)

        look()
        window.root.mainloop()


class _Window:
    """The widgets; used by one thread only."""

    def __init__(self) -> None:
        self.root = tk.Tk(className="scanner")
        self.root.title("scanner")
        self.root.resizable(width=False, height=False)
        self.root.attributes("-topmost", True)  # noqa: FBT003 - Tk's own way to say it
        # "active" tells the window manager never to give this window the keyboard by itself.
        self.root.wm_focusmodel("active")
        self.canvas = tk.Canvas(self.root, width=WIDTH, height=WIDTH * 9 // 16, highlightthickness=0, background="black")
        self.canvas.pack()
        self.label = tk.Label(self.root, text=WAITING, font=("sans-serif", 16), wraplength=WIDTH, anchor="w", padx=8, pady=6)
        self.label.pack(fill="x")
        self._picture: tk.PhotoImage | None = None
        self._verdicts = 0

    def draw(self, view: View) -> None:
        """Draw the frame, the guide and the polygons."""
        grey = view.frame.grey
        step = max(1, math.ceil(grey.shape[1] / WIDTH))
        small = grey[::step, ::step]
        height, width = small.shape
        # Kept in an attribute: Tk does not hold a picture that Python has let go.
        self._picture = tk.PhotoImage(master=self.root, data=f"P5 {width} {height} 255 ".encode() + small.tobytes(), format="PPM")
        self.canvas.configure(width=width, height=height)
        self.canvas.delete("all")
        self.canvas.create_image(0, 0, image=self._picture, anchor="nw")
        edge = (1 - GUIDE) / 2
        self.canvas.create_rectangle(
            edge * width, edge * height, (1 - edge) * width, (1 - edge) * height, outline=COLOURS[""], dash=(6, 4), tags="guide"
        )
        for polygon in view.polygons:
            corners = [value / step for corner in polygon for value in corner]
            self.canvas.create_polygon(corners, outline=COLOURS[view.kind], fill="", width=3, tags="code")

    def say(self, kind: str, words: str) -> None:
        """Show a verdict for a while; its sign and words say it, not the colour alone."""
        self._verdicts += 1
        this = self._verdicts
        sign = "✓" if kind == "accepted" else "✗"
        self.label.configure(text=f"{sign} {words}", background=COLOURS[kind], foreground="black")

        def forget() -> None:
            if this == self._verdicts:
                plain = self.root.cget("background")
                self.label.configure(text=WAITING, background=plain)

        self.root.after(SHOWN_MS, forget)


def has_screen(environment: Mapping[str, str] = os.environ) -> bool:
    """Say whether there is an X server (also the one of a Wayland desktop) to open a window on."""
    return bool(environment.get("DISPLAY"))
