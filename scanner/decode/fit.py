"""Fits a whole EAN-13 to what is seen: the number, the place and the blur whose picture is most like it.

Where bars flow together a digit looks different beside every neighbour, so the digits cannot be told one by one. Blur is
linear: the symbol is the sum of its blurred modules, and another digit is another sum. From a first guess, the digit whose
change makes the picture most like what is seen is changed, until none does.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from scanner.decode.ean import MODULES, PATTERNS, PLACES, checks, number_of

Floats = NDArray[np.float32]

PER_MODULE = 3
"""Samples of a module."""

QUIET = 4
"""Modules that are looked at on each side of the symbol."""

LEVEL = 5.0
"""Modules, standard deviation: over so much light and contrast are evened out."""

BLURS = (0.3, 0.55, 0.8, 1.05, 1.3, 1.6, 1.9)
"""Modules, standard deviation."""

GAIN_AT_LEAST = 1e-4
ROUNDS = 8
MOVES = (np.linspace(-2.0, 2.0, 9), np.linspace(-1.2, 1.2, 5))
"""How far the start and the end are moved, in samples of the profile: in the first round, and in the later ones."""

CLEAR = 0.3
MAYBE = 0.15
"""How much worse the next number with a right check digit has to be, as a part of what the picture leaves unexplained.

On real photographs no wrong number with a right check digit reached more than 0.1.
"""


@dataclass(frozen=True, slots=True)
class Fit:
    """What fits best: its place and patterns, how like it is, 1 for the same, and how clearly.

    The number is None when no first digit has that parity.
    """

    start: float
    end: float
    patterns: tuple[int, ...]
    number: str | None
    likeness: float
    clear: float

    @property
    def trusted(self) -> bool:
        """Tell whether it may be a witness."""
        return self.clear >= CLEAR and self.number is not None and checks(self.number)

    @property
    def hopeful(self) -> bool:
        """Tell whether it is worth while to look at another band."""
        return self.clear >= MAYBE


def fit(profile: Floats, start: float, end: float, patterns: Sequence[int]) -> Fit:
    """Return what fits a profile best; it is looked for near that start and end and those twelve patterns."""
    digits = list(patterns)
    for turn in range(ROUNDS):
        moves = MOVES[min(turn, 1)]
        starts, ends = (axis.ravel() for axis in np.meshgrid(start + moves, end + moves))
        seen = _unit(_levelled(_sampled(profile, starts, ends), 3.0))
        modules = _modules(digits)
        alike = seen @ _unit(_levelled_by(_LOOKS @ modules)).T
        place, blur = (int(index) for index in np.unravel_index(int(alike.argmax()), alike.shape))
        best = float(alike[place, blur])
        start, end = float(starts[place]), float(ends[place])
        losses, other, gain = _changes(seen[place], modules, blur, digits)
        if gain > GAIN_AT_LEAST:
            digits[other[0]] = other[1]
            continue
        # One wrong digit breaks the check digit: the next number that has a right one differs in two.
        unexplained = max(1 - best, 1e-3)
        found = Fit(start, end, tuple(digits), number_of(digits), best, float(np.sort(losses)[:2].sum()) / unexplained)
        if not found.trusted:
            return found
        return replace(found, clear=min(found.clear, _of_neighbours(seen[place], modules, blur, digits) / unexplained))
    return Fit(start, end, tuple(digits), None, 0.0, 0.0)


def likeness(profile: Floats, start: float, end: float, patterns: Sequence[int]) -> float:
    """Return how much a profile looks like a symbol with those patterns that goes from `start` to `end`, in the best blur."""
    seen = _unit(_levelled(_sampled(profile, np.array([start]), np.array([end])), 3.0))
    return float((seen @ _unit(_levelled_by(_LOOKS @ _modules(patterns))).T).max())


def _changes(
    seen: Floats, modules: Floats, blur: int, digits: Sequence[int]
) -> tuple[NDArray[np.float64], tuple[int, int], float]:
    """Return what the best other pattern of each digit loses, the digit and pattern that gain most, and how much."""
    look = _LOOKS[blur] @ modules
    contrast = _contrast(look[None])[0] + 0.05
    now = float(_unit((look / contrast)[None])[0] @ seen)
    losses, best, gain = np.empty(len(digits)), (0, digits[0]), -np.inf
    for digit, (place, pattern) in enumerate(zip(PLACES, digits, strict=True)):
        options = [other for other in (_ON_LEFT if place < MODULES // 2 else _ON_RIGHT) if other != pattern]
        others = look + (_PATTERNS[options] - _PATTERNS[pattern]) @ _LOOKS[blur][:, QUIET + place : QUIET + place + 7].T
        likeness = _unit(others / contrast) @ seen
        most = int(likeness.argmax())
        losses[digit] = now - float(likeness[most])
        if -losses[digit] > gain:
            best, gain = (digit, options[most]), -losses[digit]
    return losses, best, gain


def _of_neighbours(seen: Floats, modules: Floats, blur: int, digits: Sequence[int]) -> float:
    """Return what is lost by the best other number with a right check digit that differs in two digits side by side.

    It may be less than the two would lose one by one: blurred, a pair of digits can look like another pair.
    """
    look = _LOOKS[blur] @ modules
    contrast = _contrast(look[None])[0] + 0.05
    now = look / contrast
    likeness = float(_unit(now[None])[0] @ seen)
    least = np.inf
    for one in (*range(5), *range(6, 11)):
        options = _ON_LEFT if one < len(PLACES) // 2 else _ON_RIGHT
        first, second = (
            (_PATTERNS[list(options)] - _PATTERNS[digits[digit]])
            @ (_LOOKS[blur][:, QUIET + PLACES[digit] : QUIET + PLACES[digit] + 7].T / contrast)
            for digit in (one, one + 1)
        )
        seen_as = now @ seen + (first @ seen)[:, None] + (second @ seen)[None]
        first_length, second_length = ((change**2).sum(axis=1) + 2 * change @ now for change in (first, second))
        length = now @ now + first_length[:, None] + second_length[None] + 2 * first @ second.T
        losses = likeness - seen_as / np.sqrt(np.maximum(length, 1e-6))
        for place in np.argsort(losses, axis=None):
            row, column = divmod(int(place), len(options))
            others = [*digits[:one], options[row], options[column], *digits[one + 2 :]]
            number = number_of(others)
            if options[row] != digits[one] and options[column] != digits[one + 1] and number is not None and checks(number):
                least = min(least, float(losses[row, column]))
                break
    return least


def _modules(digits: Sequence[int]) -> Floats:
    """Return the modules of a symbol with its quiet zones, 1 for dark."""
    modules = _FRAME.copy()
    for place, pattern in zip(PLACES, digits, strict=True):
        modules[QUIET + place : QUIET + place + 7] = _PATTERNS[pattern]
    return modules


def _sampled(profile: Floats, starts: NDArray[np.float64], ends: NDArray[np.float64]) -> Floats:
    """Return the profile as seen by symbols that go from `starts` to `ends`."""
    at = starts[:, None] + (ends - starts)[:, None] * (_AT[None] / MODULES)
    columns = np.asarray(np.clip(at, 0, len(profile) - 1), np.float32)
    row = np.ascontiguousarray(profile[None])
    return np.asarray(cv2.remap(row, columns, np.zeros_like(columns), cv2.INTER_LINEAR), np.float32)


def _smooth(rows: Floats, modules: float) -> Floats:
    """Blur each row by so many modules."""
    size = 2 * int(3 * modules * PER_MODULE) + 1
    return np.asarray(cv2.GaussianBlur(rows, (size, 1), modules * PER_MODULE, borderType=cv2.BORDER_REPLICATE), np.float32)


def _contrast(rows: Floats) -> Floats:
    return np.asarray(np.sqrt(_smooth(rows * rows, LEVEL)), np.float32)


def _levelled(rows: Floats, least: float) -> Floats:
    """Even out the light and the contrast of each row; a contrast below `least` is noise."""
    rows = rows - _smooth(rows, LEVEL)
    return np.asarray(rows / (_contrast(rows) + least), np.float32)


def _levelled_by(rows: Floats) -> Floats:
    """Even out the contrast of looks, whose light is even already."""
    return np.asarray(rows / (_contrast(rows) + 0.05), np.float32)


def _unit(rows: Floats) -> Floats:
    return np.asarray(rows / (np.linalg.norm(rows, axis=-1, keepdims=True) + 1e-6), np.float32)


def _looks() -> Floats:
    """Return how each dark module of a symbol with its quiet zones looks, for each blur: blurs x samples x modules."""
    modules = MODULES + 2 * QUIET
    light = -np.repeat(np.eye(modules, dtype=np.float32), PER_MODULE, axis=1)
    blurred = [_smooth(light, blur) for blur in BLURS]
    return np.stack([(one - _smooth(one, LEVEL)).T for one in blurred])


_AT = (np.arange((MODULES + 2 * QUIET) * PER_MODULE) + 0.5) / PER_MODULE - QUIET
_PATTERNS = np.array([[int(module) for module in pattern] for pattern in PATTERNS], np.float32)
_ON_LEFT, _ON_RIGHT = range(20), range(20, 30)
_FRAME = np.zeros(MODULES + 2 * QUIET, np.float32)
for _place, _guard in ((0, "101"), (45, "01010"), (92, "101")):
    _FRAME[QUIET + _place : QUIET + _place + len(_guard)] = [int(module) for module in _guard]
_LOOKS = _looks()
