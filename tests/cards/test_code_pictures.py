"""The pictures of card numbers, read back by an independent reader; what does not read back is never handed out."""

import re
import shutil
from collections.abc import Callable
from io import BytesIO
from itertools import pairwise
from pathlib import Path

import pytest
from barcode.codex import Code128
from PIL import Image
from playwright.sync_api import sync_playwright
from pyzbar import pyzbar

from card_service.cards import barcode, code_picture
from card_service.cards.barcode import QUIET_ZONE, CodeUnreadable, Symbology, symbol_of
from card_service.cards.code_picture import MODULE_MM, PIXELS_PER_MODULE, code_png, code_svg
from card_service.cards.numbers import SERIALS, card_number
from card_service.kit.errors import ValidationFailed

KEY = bytes(range(32))
ISSUED = [card_number(KEY, tenant_id, serial) for tenant_id in (1, 9_999) for serial in (0, 1, 12_345, SERIALS - 1)]
BEGINNING_WITH_99 = ["99", "9912345678", "99A", "9" * 16, "9901020304050607"]
OWN = ["A", "7", "CARD001", "card-001", "0000000000000000", "1299", "~!#%", "<&>\"'", "A" * 50, "7" * 49, *BEGINNING_WITH_99]
NUMBERS = [*ISSUED, *OWN]
CODE128, QR = Symbology.CODE128, Symbology.QR
TYPES = {CODE128: "CODE128", QR: "QRCODE"}
DRAW: dict[str, Callable[[str, Symbology], bytes]] = {"png": code_png, "svg": code_svg}


def read(png: bytes) -> list[tuple[str, str]]:
    with Image.open(BytesIO(png)) as picture:
        assert picture.format == "PNG"
        grey = picture.convert("L")
    symbols = [pyzbar.ZBarSymbol.CODE128, pyzbar.ZBarSymbol.QRCODE]
    return [(found.data.decode("ascii"), found.type) for found in pyzbar.decode(grey, symbols=symbols)]


def white_columns(png: bytes) -> tuple[int, int]:
    """Return how many columns at the left and at the right are wholly white."""
    with Image.open(BytesIO(png)) as picture:
        dark = picture.convert("L").point(lambda level: 255 if level < 128 else 0).getbbox()
        assert dark is not None
        return dark[0], picture.width - dark[2]


@pytest.mark.parametrize("symbology", Symbology)
@pytest.mark.parametrize("number", NUMBERS)
def test_a_png_reads_back(number: str, symbology: Symbology) -> None:
    # A Micro QR code, as segno.make would draw "7", is not read at all.
    assert read(code_png(number, symbology)) == [(number, TYPES[symbology])]


def test_every_svg_reads_back_as_a_browser_shows_it(tmp_path: Path) -> None:
    chromium = shutil.which("chromium")
    assert chromium is not None, "The tests need Debian's chromium; type: sudo apt-get install chromium"
    with sync_playwright() as playwright:
        # Without the sandbox, which needs privileges that a container does not have; it only opens the page under test.
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page(device_scale_factor=3, viewport={"width": 900, "height": 300})
        for symbology in Symbology:
            for number in NUMBERS:
                picture = tmp_path / "code.svg"
                picture.write_bytes(code_svg(number, symbology))
                page.goto(picture.as_uri())
                assert read(page.screenshot()) == [(number, TYPES[symbology])], number
        browser.close()


def test_quiet_zones_are_as_wide_as_the_standards_ask() -> None:
    for symbology, modules in ((CODE128, 10), (QR, 4)):
        assert QUIET_ZONE[symbology] == modules
        assert min(white_columns(code_png(ISSUED[0], symbology))) >= modules * PIXELS_PER_MODULE[symbology]


def test_every_bar_is_a_whole_number_of_modules() -> None:
    with Image.open(BytesIO(code_png(ISSUED[0], CODE128))) as picture:
        assert picture.info["dpi"] == pytest.approx((300, 300), abs=0.1)
        row = bytes(picture.convert("L").crop((0, 40, picture.width, 41)).tobytes())
    edges = [place for place in range(1, len(row)) if (row[place] < 128) != (row[place - 1] < 128)]
    widths = [later - earlier for earlier, later in pairwise(edges)]
    # 16 digits are start, 8 pairs, check and stop: 10 symbols of 6 bars and spaces, the stop of 7.
    assert len(widths) == 10 * 6 + 7
    assert {width % PIXELS_PER_MODULE[CODE128] for width in widths} == {0}


@pytest.mark.parametrize("number", ISSUED)
def test_sixteen_digits_are_code_set_c_and_a_qr_code_of_version_1_level_m(number: str) -> None:
    bars, code = symbol_of(number, CODE128), symbol_of(number, QR)
    assert bars.rows[0].startswith(bytes(map(int, "11010011100"))), "the start symbol of code set C"
    assert len(bars.rows[0]) == 11 * (1 + 8 + 1) + 13
    assert {len(code.rows), *map(len, code.rows)} == {21}
    # The two modules right of the upper left finder's foot are the level, masked with 10: M is 00.
    assert (code.rows[8][0], code.rows[8][1]) == (1, 0)


def test_an_svg_says_its_size_in_millimetres() -> None:
    number = ISSUED[0]
    for symbology, modules in ((CODE128, 123 + 2 * 10), (QR, 21 + 2 * 4)):
        svg = code_svg(number, symbology).decode()
        width = re.search(r' width="([0-9.]+)mm"', svg)
        assert width is not None
        assert float(width[1]) == pytest.approx(modules * MODULE_MM[symbology], abs=0.001)
    assert "2100 " in code_svg(number, CODE128).decode()
    assert "<text" not in code_svg(number, CODE128, caption=False).decode()
    assert not re.search(r"style|script|href", code_svg("<style>", CODE128, caption=False).decode())


@pytest.mark.parametrize("kind", DRAW)
@pytest.mark.parametrize("number", BEGINNING_WITH_99)
def test_the_librarys_own_defect_is_an_error(monkeypatch: pytest.MonkeyPatch, number: str, kind: str) -> None:
    assert DRAW[kind](number, CODE128)
    monkeypatch.setattr(barcode, "_Code128", Code128)
    with pytest.raises(CodeUnreadable):
        DRAW[kind](number, CODE128)


@pytest.mark.parametrize("symbology", Symbology)
def test_a_drawing_that_loses_a_module_is_an_error(monkeypatch: pytest.MonkeyPatch, symbology: Symbology) -> None:
    whole = code_picture._path  # noqa: SLF001 - the one way to break it
    monkeypatch.setattr(code_picture, "_path", lambda *given: whole(*given).partition("z")[2])
    with pytest.raises(CodeUnreadable):
        code_svg(ISSUED[0], symbology)
    pixels = code_picture._pixels  # noqa: SLF001 - as above
    monkeypatch.setattr(code_picture, "_pixels", lambda *given: (bytes(len(pixels(*given)[0])), pixels(*given)[1]))
    with pytest.raises(CodeUnreadable):
        code_png(ISSUED[0], symbology)


@pytest.mark.parametrize("symbology", Symbology)
@pytest.mark.parametrize("text", ["", "A B", "आशा", "é", "\x1d", "A" * 51])
def test_what_is_no_card_number_is_refused_with_what_to_do(text: str, symbology: Symbology) -> None:
    for draw in DRAW.values():
        with pytest.raises(ValidationFailed) as refused:
            draw(text, symbology)
        assert refused.value.errors == {
            "cardNumber": ["Must be 1 to 50 printable ASCII characters without spaces to be drawn as a code."]
        }
