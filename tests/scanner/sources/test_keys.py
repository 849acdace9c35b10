"""Keys become the characters that the layout says, for every printable character of ASCII."""

import ctypes
from collections.abc import Iterable, Iterator

import pytest

from scanner.sources.keys import EVENT, Keys
from scanner.sources.layouts import ALT_GR, LAYOUTS, LEFT_CONTROL, LEFT_SHIFT, RIGHT_SHIFT

KEY, SYN, MSC = 1, 0, 4
DROPPED = EVENT.pack(0, 0, SYN, 3, 0)
REPORT = EVENT.pack(0, 0, SYN, 0, 0)
SPACE = 57


def event(key: int, value: int) -> bytes:
    """Pack what the kernel sends for a key: its scan code, the key, and the end of the report."""
    return EVENT.pack(0, 0, MSC, 4, 0x70000 + key) + EVENT.pack(1, 2, KEY, key, value) + REPORT


def press(*keys: int) -> bytes:
    """Hold the keys in this order, and let them go in the other."""
    return b"".join(event(key, 1) for key in keys) + b"".join(event(key, 0) for key in reversed(keys))


def typed(layout: str, *presses: bytes) -> str:
    return "".join(character or "?" for character in Keys(LAYOUTS[layout]).characters(b"".join(presses)) if character != "")


@pytest.mark.parametrize(
    ("layout", "presses", "text"),
    [
        ("us", [press(3), press(2), press(11), press(28)], "210\n"),
        ("us", [press(LEFT_SHIFT, 30), press(30), press(RIGHT_SHIFT, 3)], "Aa@"),
        ("us", [press(79), press(82), press(96), press(15)], "10\n\t"),
        ("de", [press(21), press(44), press(LEFT_SHIFT, 8), press(ALT_GR, 16), press(12)], "zy/@ß"),
        ("de", [press(41), press(SPACE), press(SPACE), press(ALT_GR, 27)], "^ ~"),
        ("fr", [press(LEFT_SHIFT, 3), press(LEFT_SHIFT, 2), press(3), press(16), press(ALT_GR, 11)], "21éa@"),
        ("fr", [press(26), press(SPACE), press(ALT_GR, 10), press(SPACE), press(ALT_GR, 3)], "^^ ~"),
        ("us", [press(LEFT_CONTROL, 27), press(59), press(103)], "\x1d"),
    ],
)
def test_presses_become_text(layout: str, presses: list[bytes], text: str) -> None:
    assert typed(layout, *presses) == text


def test_a_key_that_repeats_is_one_press() -> None:
    assert typed("us", event(2, 1), event(2, 2), event(2, 2), event(2, 0), press(3)) == "12"


def test_shift_counts_as_long_as_it_is_held() -> None:
    assert typed("us", event(LEFT_SHIFT, 1), press(30), press(31), event(LEFT_SHIFT, 0), press(32)) == "ASd"


def test_events_that_are_split_are_put_together() -> None:
    keys = Keys(LAYOUTS["us"])
    data = press(2) + press(LEFT_SHIFT, 3)
    pieces = (data[at : at + 7] for at in range(0, len(data), 7))
    assert "".join(character or "" for piece in pieces for character in keys.characters(piece)) == "1@"


def test_what_the_kernel_dropped_is_said_and_left_out_up_to_the_next_report() -> None:
    keys = Keys(LAYOUTS["us"])
    lost = DROPPED + EVENT.pack(0, 0, KEY, 4, 1) + REPORT
    got = [character for character in keys.characters(event(LEFT_SHIFT, 1) + press(2) + lost + press(5)) if character != ""]
    # Whether Shift is still held is not known after it, so it is taken to be up.
    assert got == ["!", None, "4"]


class Names(ctypes.Structure):
    """`struct xkb_rule_names`."""

    _fields_ = tuple((name, ctypes.c_char_p) for name in ("rules", "model", "layout", "variant", "options"))


def on_this_system(layout: str) -> Iterator[tuple[int, int, str, bool]]:
    """Give key, level, character and whether it is a dead key, of the layout that Debian's desktop uses."""
    try:
        xkb = ctypes.CDLL("libxkbcommon.so.0")
    except OSError:
        pytest.fail("libxkbcommon0 is not installed; type: sudo apt-get install libxkbcommon0")
    xkb.xkb_context_new.restype = xkb.xkb_keymap_new_from_names.restype = ctypes.c_void_p
    names = Names(b"evdev", b"pc105", layout.encode(), b"", b"")
    keymap = ctypes.c_void_p(xkb.xkb_keymap_new_from_names(ctypes.c_void_p(xkb.xkb_context_new(0)), ctypes.byref(names), 0))
    dead = {"dead_circumflex": "^", "dead_grave": "`"}
    for key in (*range(2, 14), *range(16, 28), *range(30, 42), *range(43, 54), 57, 86):
        for level in range(3):
            symbols = ctypes.POINTER(ctypes.c_uint32)()
            if not xkb.xkb_keymap_key_get_syms_by_level(keymap, key + 8, 0, level, ctypes.byref(symbols)):
                continue
            buffer = ctypes.create_string_buffer(64)
            xkb.xkb_keysym_to_utf8(symbols[0], buffer, 64)
            character = buffer.value.decode()
            xkb.xkb_keysym_get_name(symbols[0], buffer, 64)
            yield key, level, character or dead.get(buffer.value.decode(), ""), not character


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_layout_types_all_of_ascii_as_the_desktop_does(layout: str) -> None:
    held: list[Iterable[int]] = [(), (LEFT_SHIFT,), (ALT_GR,)]
    seen = set()
    for key, level, character, is_dead in on_this_system(layout):
        # The desktop has a few signs twice; ours has what is printed on the keys.
        is_ours = level < 2 or key in LAYOUTS[layout].alt_gr
        if is_ours and character and " " <= character <= "~":
            presses = [press(*held[level], key), *([press(SPACE)] if is_dead else [])]
            assert (key, level, typed(layout, *presses)) == (key, level, character)
            seen.add(character)
    assert seen == {chr(number) for number in range(ord(" "), ord("~") + 1)}
