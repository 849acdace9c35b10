"""Reads an EAN-13 by comparing what is seen with how each digit would look, blurred.

The engines measure the widths of bars, which fails where blur makes them flow together, or gives another number. Here
every digit is the one whose picture correlates best with what is seen (maximum likelihood), and how much better it is than
the next says how far to trust it. It is the second witness that EAN and UPC need, for the symbology with 95 modules of
ISO/IEC 15420: guard 101, six digits, 01010, six digits, 101.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from scanner.decode.frames import Grey

Floats = NDArray[np.float32]

PER_MODULE = 4
"""Samples of a module."""

MODULES = 95
LENGTH = 480
"""Samples of a profile across the bars."""

STEP = 2.0
BEST = 24
"""Of so many of the best places of the guards the digits are looked at."""

BLURS = (0.3, 0.7, 1.1)
"""Modules, standard deviation; how sharp the picture is is not known before."""

BANDS = ((0.38, 0.62), (0.15, 0.38), (0.62, 0.85))
"""The parts of the height that are read one by one, the middle first."""

GUARDS_AT_LEAST = 0.7
HOPEFUL = 0.84
MEAN_AT_LEAST = 0.9
MARGIN_AT_LEAST = 0.03
PARITY_AT_LEAST = 0.15
"""What a band has to reach to be a witness. On real photographs no wrong number that passed its check digit reached the
mean, and those that came near had a parity margin of 0.1 or less.
"""

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

_GUARDS = {-3: "000", 0: "1010", 44: "1010101", 91: "0101000"}
"""The modules that every EAN-13 has in common, and where they begin."""


@dataclass(frozen=True, slots=True)
class _Match:
    number: str
    mean: float
    margin: float
    parity: float

    @property
    def trusted(self) -> bool:
        return (
            self.mean >= MEAN_AT_LEAST
            and self.margin >= MARGIN_AT_LEAST
            and self.parity >= PARITY_AT_LEAST
            and sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(self.number)) % 10 == 0
        )


def match_ean(upright: Grey) -> list[str]:
    """Return the thirteen digits that each band of a cutting shows, none for a band that is not to be trusted."""
    numbers: list[str] = []
    height = upright.shape[0]
    for top, bottom in BANDS:
        rows = upright[int(height * top) : max(int(height * bottom), int(height * top) + 1)]
        profile = _level(rows.mean(axis=0, dtype=np.float32))
        match = _match(profile)
        if match is None or not match.trusted:
            upside_down = _match(profile[::-1])
            if match is None or (upside_down is not None and upside_down.mean > match.mean):
                match = upside_down
        if match is None or match.mean < HOPEFUL:
            break  # The middle is tried first: this is no EAN, or too blurred to be read anywhere.
        if match.trusted:
            numbers.append(match.number)
    return numbers


def _level(profile: Floats) -> Floats:
    """Bring a profile to one length, and even out light and contrast along it."""
    way = cv2.INTER_AREA if len(profile) > LENGTH else cv2.INTER_CUBIC
    level = np.asarray(cv2.resize(profile[None], (LENGTH, 1), interpolation=way), np.float32)
    level -= cv2.GaussianBlur(level, (0, 0), LENGTH / 19)
    level /= np.sqrt(cv2.GaussianBlur(level * level, (0, 0), LENGTH / 19)) + 4
    return np.asarray(level[0], np.float32)


def _match(profile: Floats) -> _Match | None:
    """Return the number that fits the profile best, or None when the guards are nowhere."""
    fits = (_unit(profile[_GUARD_INDEX]) @ _GUARDS_SEEN).max(axis=1)
    best = np.argsort(-fits)[:BEST]
    if fits[best[0]] < GUARDS_AT_LEAST:
        return None
    near = STEP / 2 * np.array([(one, other) for one in (-1, 0, 1) for other in (-1, 0, 1)])
    starts, ends = (_STARTS[best][:, None] + near[:, 0]).ravel(), (_ENDS[best][:, None] + near[:, 1]).ravel()
    left = _unit(_sampled(profile, starts, ends, _LEFT_AT).reshape(len(starts), 6, -1))
    right = _unit(_sampled(profile, starts, ends, _RIGHT_AT).reshape(len(starts), 6, -1))
    matches = []
    for left_digits, right_digits in _DIGITS:
        on_left, on_right = left @ left_digits.T, right @ right_digits.T
        plain, mirrored = on_left[:, :, :10].max(axis=2), on_left[:, :, 10:].max(axis=2)
        firsts = np.where(PARITY[None], mirrored[:, None], plain[:, None]).sum(axis=2)
        place = int((firsts.max(axis=1) + on_right.max(axis=2).sum(axis=1)).argmax())
        first = int(firsts[place].argmax())
        of_left = on_left[place].reshape(6, 2, 10)[np.arange(6), PARITY[first].astype(int)]
        digits = np.concatenate([of_left, on_right[place]])
        ranked, ranked_firsts = np.sort(digits, axis=1), np.sort(firsts[place])
        matches.append(
            _Match(
                f"{first}{''.join(map(str, digits.argmax(axis=1)))}",
                float(ranked[:, -1].mean()),
                float((ranked[:, -1] - ranked[:, -2]).min()),
                float(ranked_firsts[-1] - ranked_firsts[-2]),
            )
        )
    return max(matches, key=lambda match: match.mean)


def _sampled(profile: Floats, starts: NDArray[np.float64], ends: NDArray[np.float64], at: Floats) -> Floats:
    """Return the profile at the places `at`, in modules, of symbols that go from `starts` to `ends`."""
    places = _on_profile(starts, ends, at)
    whole = places.astype(np.intp)
    part = (places - whole).astype(np.float32)
    return np.asarray(profile[whole] * (1 - part) + profile[whole + 1] * part, np.float32)


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

_GUARDS_SEEN = np.stack([_guards(blur) for blur in (BLURS[0], BLURS[-1])], axis=1)
_DIGITS = [
    (
        np.stack([_look("1", digit, "0", blur) for digit in (*LEFT, *MIRRORED)]),
        np.stack([_look("0", digit, "1", blur) for digit in RIGHT]),
    )
    for blur in BLURS
]
