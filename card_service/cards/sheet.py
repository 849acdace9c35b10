"""A4 sheets of cards as one page for a browser to print: nothing is loaded, and its only style is the one it names.

Names come in any script, and a browser shapes them all (docs/adr/0016-cards-printed-by-the-browser.md).
"""

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple
from unicodedata import category

from jinja2 import Environment, PackageLoader
from markupsafe import Markup

from card_service.cards.barcode import CodeUnreadable, Symbology, symbol_of
from card_service.cards.code_picture import MODULE_MM, code_svg
from card_service.cards.rules import in_fours, ink_on

CARD_MM = (85.6, 54)
"""Width and height of a card (ISO/IEC 7810, ID-1, which card printers call CR80)."""

COLUMNS, ROWS = 2, 5
PER_SHEET = COLUMNS * ROWS
_PAGE_MM = (210, 297)
_COLUMN_GAP_MM, _ROW_GAP_MM = 6, 3

DEFAULT_COLOUR = "#0b5d51"
"""For a tenant that has set none."""

_MODULE_MM = MODULE_MM[Symbology.CODE128]
_QUIET_MM = 10 * _MODULE_MM
_BAR_MODULES = 40
_TEXT_LEFT_MM = 5
_NARROW, _WIDE = 150, 230
"""Bars of so many modules stand beside the QR code, or below it; longer ones do not fit on a card."""

_LARGE, _MIDDLE = 20, 36
"""Names of so many characters are set large, or a size smaller."""

_templates = Environment(loader=PackageLoader("card_service.cards"), autoescape=True, trim_blocks=True, lstrip_blocks=True)


class CardToPrint(NamedTuple):
    """What a card shows of its holder."""

    id: int
    number: str
    name: str | None


class Sheets(NamedTuple):
    """The page, and the content security policy that it stands under."""

    html: str
    policy: str


@dataclass(frozen=True, slots=True)
class _Drawn:
    """A card with its codes, as SVG in base64; `layout` says where they stand."""

    id: int
    number: str
    name: str | None
    shown_number: str
    layout: str
    bar_modules: int
    bars: str
    qr: str


def draw_sheets(tenant: str, colour: str | None, cards: Sequence[CardToPrint], remaining: int) -> Sheets:
    """Draw the cards in their order, ten a sheet; `remaining` is told to who prints. Raises CodeUnreadable."""
    drawn = [_draw(card) for card in cards]
    colour = colour or DEFAULT_COLOUR
    left, top = _corner(0)
    style = _templates.get_template("sheet.css").render(
        colour=colour,
        ink=ink_on(colour),
        left=left,
        top=top,
        columns=COLUMNS,
        card_width=CARD_MM[0],
        card_height=CARD_MM[1],
        column_gap=_COLUMN_GAP_MM,
        row_gap=_ROW_GAP_MM,
        # The bars themselves begin where the text does.
        bars_left=round(_TEXT_LEFT_MM - _QUIET_MM, 3),
        bars_height=round(_BAR_MODULES * _MODULE_MM, 3),
        bar_widths=sorted({card.bar_modules for card in drawn if card.bars}),
        module_mm=_MODULE_MM,
    )
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none'; form-action 'none'"
    html = _templates.get_template("sheet.html").render(
        tenant=tenant,
        policy=policy,
        # Nothing of it is a caller's text: a colour is checked, the rest are numbers of this module.
        style=Markup(style),  # noqa: S704 - as the line above says
        cards=drawn,
        remaining=remaining,
        per_sheet=PER_SHEET,
        card_width=CARD_MM[0],
        card_height=CARD_MM[1],
        size_of=_size_of,
        marks=_marks,
    )
    return Sheets(html, policy)


def _draw(card: CardToPrint) -> _Drawn:
    try:
        return _drawn(card)
    except CodeUnreadable as error:
        said = f"The code of card {card.id} does not read back as its number; nothing was printed, replace its number"
        raise CodeUnreadable(said) from error


def _drawn(card: CardToPrint) -> _Drawn:
    modules = symbol_of(card.number, Symbology.CODE128).width
    layout = "plain" if modules <= _NARROW else "wide" if modules <= _WIDE else "bare"
    bars = b""
    if layout != "bare":
        bars = code_svg(card.number, Symbology.CODE128, bar_height=_BAR_MODULES, caption=False)
    return _Drawn(
        id=card.id,
        number=card.number,
        name=card.name,
        shown_number=in_fours(card.number),
        layout=layout,
        bar_modules=modules,
        bars=base64.b64encode(bars).decode(),
        qr=base64.b64encode(code_svg(card.number, Symbology.QR)).decode(),
    )


def _size_of(name: str) -> str:
    """Choose by the characters that take up room: marks of Devanagari and others stand on the letter before."""
    length = sum(not category(character).startswith("M") for character in name)
    return "large" if length <= _LARGE else "middle" if length <= _MIDDLE else "small"


def _corner(place: int) -> tuple[float, float]:
    """Say where the upper left corner of a card stands on its sheet, in mm; all of them stand in its middle."""
    row, column = divmod(place, COLUMNS)
    width, height = CARD_MM
    left = (_PAGE_MM[0] - COLUMNS * width - (COLUMNS - 1) * _COLUMN_GAP_MM) / 2
    top = (_PAGE_MM[1] - ROWS * height - (ROWS - 1) * _ROW_GAP_MM) / 2
    return round(left + column * (width + _COLUMN_GAP_MM), 3), round(top + row * (height + _ROW_GAP_MM), 3)


def _marks(count: int) -> str:
    """Draw short lines that go on where the edges of each card end."""
    width, height = CARD_MM
    parts = []
    for place in range(count):
        x, y = _corner(place)
        for left in (x, x + width):
            parts += [f"M{left:.2f} {y - 1.4:.2f}v1.1", f"M{left:.2f} {y + height + 0.3:.2f}v1.1"]
        for top in (y, y + height):
            parts += [f"M{x - 2.8:.2f} {top:.2f}h2.3", f"M{x + width + 0.5:.2f} {top:.2f}h2.3"]
    return "".join(parts)
