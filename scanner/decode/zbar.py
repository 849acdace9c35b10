"""zbar, called below `pyzbar.decode`, which cannot say how many lines of a picture are looked at: that is where its time goes."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from ctypes import c_char_p, c_void_p, cast, string_at
from dataclasses import dataclass
from typing import Any

from pyzbar import wrapper
from pyzbar.locations import convex_hull

from scanner.decode.frames import Grey

Symbol = wrapper.ZBarSymbol
"""The symbologies that zbar knows."""

_CONFIG = wrapper.ZBarConfig

_GREY = int.from_bytes(b"Y800", "little")
"""The name of a format with a byte a pixel."""


@dataclass(frozen=True, slots=True)
class Found:
    """A code that zbar read: its bytes, the name of its symbology, and the corners of what was read of it."""

    data: bytes
    symbology: str
    corners: tuple[tuple[int, int], ...]


def scan(grey: Grey, symbols: Iterable[Any], *, rows: int = 1, columns: int = 1) -> list[Found]:
    """Return the codes of these symbologies; every how many rows and columns are read along, 0 for none of them."""
    with _scanner() as scanner, _image() as image:
        for symbol in Symbol:
            wrapper.zbar_image_scanner_set_config(scanner, symbol, _CONFIG.CFG_ENABLE, 0)
        for symbol in symbols:
            wrapper.zbar_image_scanner_set_config(scanner, symbol, _CONFIG.CFG_ENABLE, 1)
        wrapper.zbar_image_scanner_set_config(scanner, 0, _CONFIG.CFG_Y_DENSITY, rows)
        wrapper.zbar_image_scanner_set_config(scanner, 0, _CONFIG.CFG_X_DENSITY, columns)
        pixels = grey.tobytes()  # has to live as long as the image
        wrapper.zbar_image_set_format(image, _GREY)
        wrapper.zbar_image_set_size(image, grey.shape[1], grey.shape[0])
        wrapper.zbar_image_set_data(image, cast(c_char_p(pixels), c_void_p), len(pixels), None)
        wrapper.zbar_scan_image(scanner, image)
        return list(_found(image))


@contextmanager
def _scanner() -> Iterator[Any]:
    scanner = wrapper.zbar_image_scanner_create()
    try:
        yield scanner
    finally:
        wrapper.zbar_image_scanner_destroy(scanner)


@contextmanager
def _image() -> Iterator[Any]:
    image = wrapper.zbar_image_create()
    try:
        yield image
    finally:
        wrapper.zbar_image_destroy(image)


def _found(image: Any) -> Iterator[Found]:
    symbol = wrapper.zbar_image_first_symbol(image)
    while symbol:
        corners = convex_hull(
            (wrapper.zbar_symbol_get_loc_x(symbol, place), wrapper.zbar_symbol_get_loc_y(symbol, place))
            for place in range(wrapper.zbar_symbol_get_loc_size(symbol))
        )
        yield Found(
            string_at(wrapper.zbar_symbol_get_data(symbol), wrapper.zbar_symbol_get_data_length(symbol)),
            Symbol(symbol.contents.type).name,
            tuple((point.x, point.y) for point in corners),
        )
        symbol = wrapper.zbar_symbol_next(symbol)
