"""Reads an EAN-13 by comparing what is seen with how each digit would look, blurred.

The engines measure the widths of bars, which fails where blur makes them flow together, or gives another number. Here
every digit is the one whose picture correlates best with what is seen (maximum likelihood), and how much better it is than
the next says how far to trust it. It is the second witness that EAN and UPC need.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from scanner.decode.ean import LEFT, MIRRORED, MODULES, PARITY, RIGHT, checks, number_of
from scanner.decode.fit import Fit, fit, likeness
from scanner.decode.frames import Grey

Floats = NDArray[np.float32]

PER_MODULE = 4
"""Samples of a module."""

LENGTH = 480
"""Samples of a profile across the bars."""

STEP = 2.0
BEST = 40
"""Of so many of the best places of the guards the digits are looked at."""

FITTED = 3
"""Of so many of the quick matches it is looked whether they explain the whole profile."""

BLURS = (0.3, 0.7, 1.1, 1.5)
"""Modules, standard deviation; how sharp the picture is is not known before."""

GUARD_BLURS = (0.3, 1.1)

BANDS = ((0.38, 0.62), (0.15, 0.38), (0.62, 0.85))
"""The parts of the height that are read one by one, the middle first."""

GUARDS_AT_LEAST = 0.7
HOPEFUL = 0.8
MEAN_AT_LEAST = 0.9
MARGIN_AT_LEAST = 0.03
PARITY_AT_LEAST = 0.15
"""What a band has to reach to be a witness. On real photographs no wrong number that passed its check digit reached the
mean, and those that came near had a parity margin of 0.1 or less.
"""

_GUARDS = {-3: "000", 0: "1010", 44: "1010101", 91: "0101000"}
"""The modules that every EAN-13 has in common, and where they begin."""


@dataclass(frozen=True, slots=True)
class _Match:
    """What the quick comparison found, digit by digit: where the symbol starts and ends, and its patterns (`ean.py`)."""

    start: float
    end: float
    patterns: tuple[int, ...]
    mean: float
    margin: float
    parity: float

    @property
    def trusted(self) -> bool:
        number = number_of(self.patterns)
        return (
            self.mean >= MEAN_AT_LEAST
            and self.margin >= MARGIN_AT_LEAST
            and self.parity >= PARITY_AT_LEAST
            and number is not None
            and checks(number)
        )


def match_ean(upright: Grey) -> list[str]:
    """Return the thirteen digits that each band of a cutting shows, none for a band that is not to be trusted."""
    numbers: list[str] = []
    height = upright.shape[0]
    whole: tuple[Fit, int] | None = None
    for top, bottom in BANDS:
        rows = upright[int(height * top) : max(int(height * bottom), int(height * top) + 1)]
        profile = _to_length(rows.mean(axis=0, dtype=np.float32))
        if whole is not None:
            found, way = whole
            again = fit(profile[::way], found.start, found.end, found.patterns)
            if again.trusted and again.number is not None:
                numbers.append(again.number)
            continue
        number, whole, hopeful = _read(profile)
        if number is not None:
            numbers.append(number)
        if not hopeful:
            break  # The middle is tried first: this is no EAN, or too blurred to be read anywhere.
    return numbers


def _read(profile: Floats) -> tuple[str | None, tuple[Fit, int] | None, bool]:
    """Return the number that a profile shows, if it is to be trusted, and whether another band may show one.

    First digit by digit, which is quick; what is too blurred for that is fitted as a whole, and then the fit is returned too,
    with 1, or -1 when the profile had to be turned round.
    """
    level = _level(profile)
    starts, ends = _guards_in(level)
    matches = _matches(level, starts, ends)
    best = max(matches, key=lambda match: match.mean, default=None)
    turned: list[_Match] = []
    if best is None or not best.trusted:
        turned = _matches(level[::-1], LENGTH - 1 - ends, LENGTH - 1 - starts)
        best = max((*matches, *turned), key=lambda match: match.mean, default=None)
    if best is None or best.mean < HOPEFUL:
        return None, None, False
    if best.trusted:
        return number_of(best.patterns), None, True
    both = [(match, 1) for match in matches] + [(match, -1) for match in turned]
    both.sort(key=lambda pair: -likeness(profile[:: pair[1]], pair[0].start, pair[0].end, pair[0].patterns))
    hopeful = False
    for match, way in both[:FITTED]:
        whole = fit(profile[::way], match.start, match.end, match.patterns)
        if whole.trusted:
            return whole.number, (whole, way), True
        hopeful |= whole.hopeful
    return None, None, hopeful


def _to_length(profile: Floats) -> Floats:
    way = cv2.INTER_AREA if len(profile) > LENGTH else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(profile[None], (LENGTH, 1), interpolation=way)[0], np.float32)


def _level(profile: Floats) -> Floats:
    """Even out light and contrast along a profile."""
    level = profile[None] - cv2.GaussianBlur(profile[None], (0, 0), LENGTH / 19)
    level /= np.sqrt(cv2.GaussianBlur(level * level, (0, 0), LENGTH / 19)) + 4
    return np.asarray(level[0], np.float32)


def _guards_in(profile: Floats) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return where symbols may start and end; they look the same from both ends. None when the guards are nowhere."""
    fits = (_unit(profile[_GUARD_INDEX]) @ _GUARDS_SEEN).max(axis=1)
    best = np.argsort(-fits)[:BEST]
    if fits[best[0]] < GUARDS_AT_LEAST:
        return np.empty(0), np.empty(0)
    near = STEP / 2 * np.array([(one, other) for one in (-1, 0, 1) for other in (-1, 0, 1)])
    return (_STARTS[best][:, None] + near[:, 0]).ravel(), (_ENDS[best][:, None] + near[:, 1]).ravel()


def _matches(profile: Floats, starts: NDArray[np.float64], ends: NDArray[np.float64]) -> list[_Match]:
    """Return for each blur the number that fits the profile best at one of those places."""
    if not len(starts):
        return []
    left = _unit(_sampled(profile, starts, ends, _LEFT_AT).reshape(len(starts), 6, -1))
    right = _unit(_sampled(profile, starts, ends, _RIGHT_AT).reshape(len(starts), 6, -1))
    matches = []
    for left_digits, right_digits in _DIGITS:
        on_left, on_right = left @ left_digits.T, right @ right_digits.T
        plain, mirrored = on_left[:, :, :10].max(axis=2), on_left[:, :, 10:].max(axis=2)
        firsts = np.where(PARITY[None], mirrored[:, None], plain[:, None]).sum(axis=2)
        place = int((firsts.max(axis=1) + on_right.max(axis=2).sum(axis=1)).argmax())
        parity = PARITY[int(firsts[place].argmax())].astype(int)
        of_left = on_left[place].reshape(6, 2, 10)[np.arange(6), parity]
        digits = np.concatenate([of_left, on_right[place]])
        ranked, ranked_firsts = np.sort(digits, axis=1), np.sort(firsts[place])
        patterns = digits.argmax(axis=1) + 10 * np.array([*parity, *[2] * 6])
        matches.append(
            _Match(
                float(starts[place]),
                float(ends[place]),
                tuple(map(int, patterns)),
                float(ranked[:, -1].mean()),
                float((ranked[:, -1] - ranked[:, -2]).min()),
                float(ranked_firsts[-1] - ranked_firsts[-2]),
            )
        )
    return matches


def _sampled(profile: Floats, starts: NDArray[np.float64], ends: NDArray[np.float64], at: Floats) -> Floats:
    """Return the profile at the places `at`, in modules, of symbols that go from `starts` to `ends`."""
    columns = np.asarray(_on_profile(starts, ends, at), np.float32)
    row = np.ascontiguousarray(profile[None])
    return np.asarray(cv2.remap(row, columns, np.zeros_like(columns), cv2.INTER_LINEAR), np.float32)


def _on_profile(starts: NDArray[np.float64], ends: NDArray[np.float64], at: Floats) -> NDArray[np.float64]:
    """Return where on a profile the places `at` of each symbol are; what lies outside is taken from its ends."""
    return np.clip(starts[:, None] + (ends - starts)[:, None] * (at[None] / MODULES), 0, LENGTH - 1.001)


def _unit(windows: Floats) -> Floats:
    """Take the mean off each window and give it the length 1, so that a product of two is their correlation."""
    windows = windows - windows.mean(axis=-1, keepdims=True)
    return np.asarray(windows / (np.linalg.norm(windows, axis=-1, keepdims=True) + 1e-3), np.float32)


def _look(before: str, digit: str, after: str, blur: float) -> Floats:
    """Return how a digit looks between its neighbours, of which the nearer module on each side is known; bars are dark."""
    light = np.repeat([0.5 if module == "?" else 1.0 - int(module) for module in f"?{before}{digit}{after}?"], 4 * PER_MODULE)
    seen = cv2.GaussianBlur(light[None], (0, 0), blur * 4 * PER_MODULE, borderType=cv2.BORDER_REPLICATE)[0]
    samples = seen.reshape(-1, 4).mean(axis=1)[PER_MODULE:-PER_MODULE]
    return _unit(np.asarray(samples, np.float32))


def _guards(blur: float) -> Floats:
    """Return how the modules at `_GUARD_AT` look, between digits that are not known."""
    light = np.full(MODULES + 6, 0.5)
    for start, word in _GUARDS.items():
        light[start + 3 : start + 3 + len(word)] = [1.0 - int(module) for module in word]
    seen = cv2.GaussianBlur(np.repeat(light, 4)[None], (0, 0), blur * 4, borderType=cv2.BORDER_REPLICATE)[0]
    return _unit(np.asarray(seen[np.round((_GUARD_AT + 3) * 4 - 0.5).astype(np.intp)], np.float32))


def _places(first_module: int) -> Floats:
    """Return where the samples of six digits are, each with a module before and after it."""
    return np.array(
        [first_module + 7 * digit - 1 + (sample + 0.5) / PER_MODULE for digit in range(6) for sample in range(9 * PER_MODULE)],
        np.float32,
    )


_LEFT_AT, _RIGHT_AT = _places(3), _places(50)
_GUARD_AT = np.array([start + place + 0.5 for start, word in _GUARDS.items() for place in range(len(word))], np.float32)
_STARTS, _ENDS = (axis.ravel() for axis in np.meshgrid(np.arange(0, 0.55 * LENGTH, STEP), np.arange(0.4 * LENGTH, LENGTH, STEP)))
_WIDE = _ENDS - _STARTS >= 0.38 * LENGTH
_STARTS, _ENDS = _STARTS[_WIDE], _ENDS[_WIDE]
_GUARD_INDEX = np.round(_on_profile(_STARTS, _ENDS, _GUARD_AT)).astype(np.int32)
"""Where the guards would be in a profile, for every place that the whole symbol may have."""

_GUARDS_SEEN = np.stack([_guards(blur) for blur in GUARD_BLURS], axis=1)
_DIGITS = [
    (
        np.stack([_look("1", digit, "0", blur) for digit in (*LEFT, *MIRRORED)]),
        np.stack([_look("0", digit, "1", blur) for digit in RIGHT]),
    )
    for blur in BLURS
]
