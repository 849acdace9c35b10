"""Draws the code of a card number as PNG or SVG; what is handed out was read back before, pixel by pixel or module by module.

A PNG is opened again and read. An SVG is as good as the picture of the same modules that was read, once the modules
found in its own path are those.
"""

import re
from io import BytesIO
from itertools import groupby
from xml.sax.saxutils import escape

from PIL import Image, ImageDraw, ImageFont

from card_service.cards.barcode import CodeUnreadable, Symbol, Symbology, require_readable, symbol_of
from card_service.cards.rules import in_fours

DPI = 300
PIXELS_PER_MODULE = {Symbology.CODE128: 4, Symbology.QR: 8}
"""Whole pixels, so that no bar is rounded to another width: 0.339 mm at 300 dpi, and twice that."""

MODULE_MM = {Symbology.CODE128: 0.339, Symbology.QR: 0.678}
"""The width of a module on paper."""

BAR_HEIGHT = 45
"""How long the bars are, in modules: 15 mm."""

_CAPTION_HEIGHT = 11
_CAPTION_SIZE = 8
_BLACK, _WHITE = 0, 255
_RUN = re.compile(r"M(\d+) (\d+)h(\d+)v(\d+)h-\3z")


def code_png(text: str, symbology: Symbology) -> bytes:
    """Return a PNG of the code with its quiet zone, below bars the number in groups of four.

    Raises CodeUnreadable if the very picture does not read back, ValidationFailed for a text that is no card number.
    """
    symbol = symbol_of(text, symbology)
    scale, bars = PIXELS_PER_MODULE[symbology], symbology is Symbology.CODE128
    pixels, width = _pixels(symbol, scale)
    height = len(pixels) // width
    picture = Image.new("L", (width, height + (_CAPTION_HEIGHT * scale if bars else 0)), _WHITE)
    picture.paste(Image.frombytes("L", (width, height), pixels))
    if bars:
        font = ImageFont.load_default(_CAPTION_SIZE * scale)
        middle = (width // 2, height + _CAPTION_HEIGHT * scale // 2)
        ImageDraw.Draw(picture).text(middle, in_fours(text), _BLACK, font, anchor="mm")
    png = BytesIO()
    picture.save(png, "PNG", dpi=(DPI, DPI), optimize=True)
    with Image.open(png) as written:
        require_readable(symbol, written.tobytes(), written.width)
    return png.getvalue()


def code_svg(text: str, symbology: Symbology, *, bar_height: int = BAR_HEIGHT, caption: bool = True) -> bytes:
    """Return an SVG of the code with its quiet zone, sized in millimetres; below bars the number, unless told otherwise.

    `bar_height` is in modules. Raises as `code_png` does. There is no style in it, which a strict policy would not apply.
    """
    symbol = symbol_of(text, symbology)
    pixels, width = _pixels(symbol, 2)
    require_readable(symbol, pixels, width)
    bars = symbology is Symbology.CODE128
    path = _path(symbol, bar_height if bars else 1)
    if _modules_of(path, symbol) != symbol.rows:
        raise CodeUnreadable
    words = ""
    height = bar_height if bars else symbol.width
    if bars and caption:
        words = (
            f'<text x="{symbol.width / 2}" y="{height + _CAPTION_SIZE}" font-family="monospace" font-size="{_CAPTION_SIZE}"'
            f' text-anchor="middle">{escape(in_fours(text))}</text>'
        )
        height += _CAPTION_HEIGHT
    module = MODULE_MM[symbology]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{symbol.width * module:.3f}mm" height="{height * module:.3f}mm"'
        f' viewBox="0 0 {symbol.width} {height}"><rect width="100%" height="100%" fill="#fff"/>'
        f'<path d="{path}" shape-rendering="crispEdges"/>{words}</svg>\n'
    ).encode()


def _pixels(symbol: Symbol, scale: int) -> tuple[bytes, int]:
    """Draw the symbol in grey, `scale` pixels for a module; the picture and its width."""
    ink = (bytes((_WHITE,)) * scale, bytes((_BLACK,)) * scale)
    side = ink[0] * symbol.quiet
    lines = [side + b"".join([ink[module] for module in row]) + side for row in symbol.rows]
    if len(lines) == 1:
        return lines[0] * (BAR_HEIGHT * scale), symbol.width * scale
    blank = ink[0] * symbol.width * symbol.quiet
    return b"".join(line * scale for line in (blank, *lines, blank)), symbol.width * scale


def _path(symbol: Symbol, height: int) -> str:
    """Write each run of dark modules as a rectangle."""
    top = symbol.quiet if len(symbol.rows) > 1 else 0
    parts = []
    for y, row in enumerate(symbol.rows, top):
        x = symbol.quiet
        for dark, run in groupby(row):
            length = len(list(run))
            if dark:
                parts.append(f"M{x} {y}h{length}v{height}h-{length}z")
            x += length
    return "".join(parts)


def _modules_of(path: str, symbol: Symbol) -> tuple[bytes, ...]:
    """Read a path back into modules, as far as they lie within the symbol."""
    top = symbol.quiet if len(symbol.rows) > 1 else 0
    rows = [bytearray(len(row)) for row in symbol.rows]
    for x, y, length, _ in (map(int, found.groups()) for found in _RUN.finditer(path)):
        start = x - symbol.quiet
        rows[y - top][start : start + length] = b"\1" * length
    return tuple(map(bytes, rows))
