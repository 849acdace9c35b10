"""What a key of a keyboard wedge means: a reader sends keys, not characters, and its layout is a setting of the reader.

The numbers of the keys are those of linux/input-event-codes.h; they say where a key is, and a layout what is on it.
"""

from collections.abc import Mapping
from dataclasses import dataclass

ENTER, KEYPAD_ENTER, TAB = 28, 96, 15
LEFT_SHIFT, RIGHT_SHIFT, LEFT_CONTROL, RIGHT_CONTROL, ALT_GR = 42, 54, 29, 97, 100

_DIGIT_ROW, _UPPER_ROW, _HOME_ROW, _LOWER_ROW = range(2, 14), range(16, 28), range(30, 41), range(44, 54)
_SPACE, _BESIDE_LEFT_SHIFT, _ABOVE_TAB, _BESIDE_ENTER = 57, 86, 41, 43

# The same on every layout. The decimal key of a keypad is a comma on some, and no reader sends it.
_KEYPAD = {
    **dict(zip((82, 79, 80, 81, 75, 76, 77, 71, 72, 73), "0123456789", strict=True)),
    **dict(zip((55, 98, 74, 78), "*/-+", strict=True)),
}
_ACUTE = "\N{ACUTE ACCENT}"
_ENDS = {ENTER: "\n", KEYPAD_ENTER: "\n", TAB: "\t", _SPACE: " "}


@dataclass(frozen=True, slots=True)
class Layout:
    """The character of each key: alone, with Shift, with AltGr; and those that wait for a space to become visible."""

    plain: Mapping[int, str]
    shift: Mapping[int, str]
    alt_gr: Mapping[int, str]
    dead: frozenset[str] = frozenset()


def _keys(digit_row: str, upper_row: str, home_row: str, lower_row: str, above_tab: str, beside_enter: str) -> dict[int, str]:
    rows = ((_DIGIT_ROW, digit_row), (_UPPER_ROW, upper_row), (_HOME_ROW, home_row), (_LOWER_ROW, lower_row))
    keys = {key: character for row, characters in rows for key, character in zip(row, characters, strict=True)}
    return {**keys, _ABOVE_TAB: above_tab, _BESIDE_ENTER: beside_enter, _BESIDE_LEFT_SHIFT: "<", **_KEYPAD, **_ENDS}


LAYOUTS = {
    "us": Layout(
        plain=_keys("1234567890-=", "qwertyuiop[]", "asdfghjkl;'", "zxcvbnm,./", "`", "\\"),
        shift=_keys("!@#$%^&*()_+", "QWERTYUIOP{}", 'ASDFGHJKL:"', "ZXCVBNM<>?", "~", "|") | {_BESIDE_LEFT_SHIFT: ">"},
        alt_gr={},
    ),
    "de": Layout(
        plain=_keys(f"1234567890ß{_ACUTE}", "qwertzuiopü+", "asdfghjklöä", "yxcvbnm,.-", "^", "#"),
        shift=_keys('!"§$%&/()=?`', "QWERTZUIOPÜ*", "ASDFGHJKLÖÄ", "YXCVBNM;:_", "°", "'") | {_BESIDE_LEFT_SHIFT: ">"},
        alt_gr={8: "{", 9: "[", 10: "]", 11: "}", 12: "\\", 16: "@", 18: "€", 27: "~", _BESIDE_LEFT_SHIFT: "|"},
        dead=frozenset(f"^{_ACUTE}`"),
    ),
    "fr": Layout(
        plain=_keys("&é\"'(-è_çà)=", "azertyuiop^$", "qsdfghjklmù", "wxcvbn,;:!", "²", "*"),
        shift=_keys("1234567890°+", "AZERTYUIOP¨£", "QSDFGHJKLM%", "WXCVBN?./§", "~", "µ") | {_BESIDE_LEFT_SHIFT: ">"},
        alt_gr={3: "~", 4: "#", 5: "{", 6: "[", 7: "|", 8: "`", 9: "\\", 10: "^", 11: "@", 12: "]", 13: "}", 18: "€", 27: "¤"},
        dead=frozenset("^¨"),
    ),
}
